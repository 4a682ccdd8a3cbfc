"""All candidate claims of a text, in order."""



from claims.text.quotations import arabic, english
from claims.text.quotations.found import Candidate
from claims.text.quotations.numbers import Moment, figures
from claims.text.quotations.sentences import sentences_of
from claims.text.quotations.tokens import tokens_of
from claims.text.quotations.voices import Voices

MOST_CANDIDATES = 1_000
"""Candidates of one text."""

LONGEST = 10_000
"""Code points of a candidate: what a claim may have."""


def candidates(text: str, *, most: int = MOST_CANDIDATES) -> list[Candidate]:
    """Of a text in any language; rules are had for Arabic and English, each by its script."""
    found: list[Candidate] = []
    voices = Voices(text)
    follows_quote = False
    for sentence in sentences_of(text):
        read = arabic.read if sentence.arabic else english.read
        new = read(text, sentence, voices, follows_quote=follows_quote)
        kept = [it for it in new if it.end - it.start <= LONGEST]
        follows_quote = bool(kept) and kept[-1].speech == "direct"
        for candidate in kept:
            tokens = list(tokens_of(text, candidate.start, candidate.end))
            candidate.numbers, candidate.dates = figures(tokens)
        found += kept
        if len(found) >= most:
            return found[:most]
    return found
