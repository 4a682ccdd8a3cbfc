"""From candidates to answers: ranked, with how sure that is, why, and what speaks against it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import exp, log
from typing import Generic, TypeVar

from claims.text.matching.differences import Difference, differences, said
from claims.text.matching.scoring import Asked, Frequencies, Reading, Scorer, common_terms
from claims.text.matching.words import MOST_COMPARED, stem, words

Id = TypeVar("Id")

# From the score to the probability that this is the claim that is asked about: the logistic
# function of the sum of these. Fitted by cross-validation over queries, half of them without an
# answer, in collections of 20, 300 and some thousand claims.
ALWAYS = -7.6
OF_SCORE = 0.52  # of its logarithm
OF_LEAD = 8.2  # of how much better it is than its best rival, relative to it, HALF at most
OF_LAG = 2.0  # of how much worse
OF_COVERAGE = 6.4  # of how much of the claim is in what is asked
OF_LENGTH = 1.2  # of the logarithm of the number of its stems
HALF = 0.5
LEAST_SCORE = 0.01
ALIKE = 0.8  # of the stems of two claims together: then they say one thing, and are no rivals
WORD_FOR_WORD = 0.99  # the least that the very same words are

# The thresholds of labels, all of them.
SAME, LIKELY = 0.8, 0.3
CAPPED = 0.75  # the most that is said of what differs, so that nobody takes it for the same

MOST_EXAMINED = 50
MOST_WORDS = 8  # that are told as reasons
RARE = 0.1  # share of claims beyond which a word tells nothing


class Label(Enum):
    """What the score and the differences make of a pair."""

    SAME = "same"
    LIKELY = "likely"
    DIFFERS = "differs"
    POSSIBLE = "possible"


def label(score: float, found: Iterable[Difference]) -> Label:
    if score < LIKELY:
        return Label.POSSIBLE
    if any(it.decides for it in found):
        return Label.DIFFERS
    return Label.SAME if score >= SAME else Label.LIKELY


@dataclass(frozen=True, slots=True)
class Reasons:
    """What two texts share."""

    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    word_for_word: bool = False


@dataclass(frozen=True, slots=True)
class Match(Generic[Id]):
    """A claim that may be meant. score: how probable that is. reading: by which it was found."""

    id: Id
    score: float
    label: Label
    reasons: Reasons
    differences: tuple[Difference, ...]
    reading: Reading


@dataclass(slots=True)
class Held(Generic[Id]):
    """A candidate while it is ranked."""

    id: Id
    reading: Reading
    words: Sequence[str]
    score: float
    stems: frozenset[str] = field(default_factory=frozenset)


def rank(
    asked: Asked,
    candidates: Mapping[Id, Sequence[Reading]],
    frequencies: Frequencies,
    more: Callable[[Collection[str]], Frequencies],
    *,
    limit: int,
    similar: Mapping[Id, float] | None = None,
) -> list[Match[Id]]:
    """The best of the candidates, the best first.

    frequencies: of the terms that are asked about. more: tells those of other stems. similar: how
    near the claims are by an encoder, from 0 to 1, where there is one.
    """
    scorer = Scorer(asked, frequencies)
    held = [best(pk, readings, scorer) for pk, readings in candidates.items()]
    if similar is not None:
        for it in held:
            it.score = joined(it.score, similar.get(it.id, 0.0))
    held.sort(key=lambda it: (-it.score, str(it.id)))
    held = [it for it in held[: max(limit, MOST_EXAMINED)] if it.score > 0]
    for it in held:
        it.stems = frozenset(map(stem, it.words))
    its_words = [words(it.reading.text[:MOST_COMPARED]) for it in held[:limit]]
    known = more({stem(word) for found in its_words for word in found})
    matches: list[Match[Id]] = []
    ceiling = 1.0
    for place, (it, text_words) in enumerate(zip(held, its_words, strict=False)):
        match = examined(it, text_words, scorer, known, margin(held, place), ceiling, asked)
        ceiling = match.score
        matches.append(match)
    return matches


def best(pk: Id, readings: Sequence[Reading], scorer: Scorer) -> Held[Id]:
    scored = [Held(pk, it, found, scorer.score(found)) for it in readings for found in [it.words()]]
    return max(scored, key=lambda it: it.score)


def joined(score: float, similarity: float) -> float:
    """What letters and stems say, and what an encoder says, as one score."""
    return (score + similarity) / 2


def margin(held: Sequence[Held[Id]], place: int) -> float:
    """By how much it is better than its best rival, relative to it; below 0 where that is better.

    Claims that say the same in nearly the same words are no rivals.
    """
    this = held[place]
    rival = next((it.score for it in held if it is not this and not alike(it, this)), 0.0)
    return max(-HALF, min(HALF, (this.score - rival) / this.score))


def alike(one: Held[Id], other: Held[Id]) -> bool:
    return len(one.stems & other.stems) >= ALIKE * len(one.stems | other.stems)


def probability(score: float, lead: float, coverage: float, stems: int) -> float:
    total = (
        ALWAYS
        + OF_SCORE * log(max(score, LEAST_SCORE))
        + (OF_LEAD if lead > 0 else OF_LAG) * lead
        + OF_COVERAGE * coverage
        + OF_LENGTH * log(1 + stems)
    )
    return 1 / (1 + exp(-total))


def examined(
    held: Held[Id],
    text_words: Sequence[str],
    scorer: Scorer,
    known: Frequencies,
    lead: float,
    ceiling: float,
    asked: Asked,
) -> Match[Id]:
    stems = {stem(word): known.weight(stem(word)) for word in text_words}
    found = sum(weight * scorer.like(it)[0] for it, weight in stems.items())
    coverage = found / (sum(stems.values()) or 1.0)
    score = probability(held.score, lead, coverage, len(set(text_words)))
    word_for_word = list(text_words) == asked.words
    if word_for_word:
        score = max(score, WORD_FOR_WORD)
    mine, its = said(asked.text), said(held.reading.text[:MOST_COMPARED])
    apart = () if word_for_word else tuple(differences(mine, its))
    if any(it.decides for it in apart):
        score = min(score, CAPPED)
    score = min(score, ceiling)
    return Match(
        held.id,
        score,
        label(score, apart),
        Reasons(
            *shared_words(held, scorer, asked),
            tuple(told for value, told in mine.numbers.items() if value in its.numbers),
            tuple(str(it) for it in mine.dates if any(it.fits(other) for other in its.dates)),
            word_for_word,
        ),
        apart,
        held.reading,
    )


def shared_words(
    held: Held[Id], scorer: Scorer, asked: Asked
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Rare words of the claim that are asked about too, the rarest first; and those that are names.

    Names are told by their capitals: words of languages without are all among the first.
    """
    limit = RARE * scorer.frequencies.total
    rare: dict[str, float] = {}
    for word in held.words:
        like, of = scorer.like(stem(word))
        if (
            like
            and of not in common_terms()
            and not word.isdigit()
            and (limit < 10 or scorer.frequencies.of(of) <= limit)
        ):
            rare[word] = max(rare.get(word, 0.0), like * scorer.stems[of])
    ordered = sorted(rare, key=lambda it: -rare[it])[: 2 * MOST_WORDS]
    names = capitalized(asked.text) & capitalized(f"{held.reading.title}. {held.reading.text}")
    told = tuple(it for it in ordered if it not in names)[:MOST_WORDS]
    return told, tuple(it for it in ordered if it in names)[:MOST_WORDS]


def capitalized(text: str) -> set[str]:
    """Its folded words that have a capital inside of a sentence."""
    found = set()
    begins = True
    for token in text[:MOST_COMPARED].split():
        bare = token.strip("\"'“”‘’«»()[].,;:!?…")
        if bare[:1].isupper() and not begins:
            found.update(words(bare))
        begins = token[-1] in ".!?…"
    return found
