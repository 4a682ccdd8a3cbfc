"""All candidate claims of a text, in order."""

from bisect import bisect_left
from datetime import date

from claims.text.quotations import arabic, english
from claims.text.quotations.found import Candidate
from claims.text.quotations.moments import moments_of
from claims.text.quotations.numbers import numbers_in
from claims.text.quotations.sentences import sentences_of
from claims.text.quotations.tokens import tokens_of
from claims.text.quotations.voices import Voices

MOST_CANDIDATES = 500
"""Candidates of one text."""

LONGEST = 10_000
"""Code points of a candidate: what a claim may have."""


def candidates(
    text: str,
    *,
    language: str | None = None,
    published: date | None = None,
    most: int = MOST_CANDIDATES,
) -> list[Candidate]:
    """The passages of a text that carry claims, the first `most`, none within another.

    Rules are had for Arabic and English, chosen by the script of each sentence. language,
    published: as `moments_of` takes them.
    """
    found: list[Candidate] = []
    voices = Voices(text)
    moments = moments_of(text, language, published)
    starts = [moment.start for moment in moments]
    follows_quote = False
    for sentence in sentences_of(text):
        read = arabic.read if sentence.arabic else english.read
        new = read(text, sentence, voices, follows_quote=follows_quote)
        kept = [it for it in new if 0 < it.end - it.start <= LONGEST]
        follows_quote = bool(kept) and kept[-1].speech == "direct"
        if not kept:
            continue
        first, last = (bisect_left(starts, at) for at in (sentence.start, sentence.end))
        dates = moments[first:last]
        numbers = [
            number
            for number in numbers_in(list(tokens_of(text, sentence.start, sentence.end)))
            if not any(it.start < number.end and number.start < it.end for it in dates)
        ]
        for candidate in kept:
            candidate.dates, candidate.numbers = dates, numbers
        found += kept
        if len(found) >= most:
            return found[:most]
    return found
