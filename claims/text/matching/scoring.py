"""How much of what is asked a claim says: a score that is 1 where nothing is missing.

Two views of the words are added: runs of four letters, which find foreign names spelled in two
ways, and stems, compared by their letters. Each is weighed as BM25 weighs words (rare ones more,
repeated ones little, in short texts more) and divided by what a text could reach at most.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import log
from zlib import crc32

from claims.text.matching.words import MOST_COMPARED, cleaned, grams, pieces, stem, words

# The parameters, all of them; none is sharp. They were chosen by cross-validation over queries.
OF_GRAMS = 0.55
OF_STEMS = 1 - OF_GRAMS
SATURATION = 1.2  # k1 of BM25
LENGTH = 0.75  # b of BM25
LEAST_LIKE = 0.5  # of two stems, by Dice, below which they are other words
# The mean numbers of stems and of runs in a claim; fixed, so that what is stored stays right.
MEAN_STEMS = 22.0
MEAN_GRAMS = 85.0


BEFORE, COMMON = 100, 30  # claims that are thought to be there, and those with a common word


def damped(count: int, length: int, mean: float) -> float:
    """What `count` occurrences in a text of this length are worth; 1 for one in a mean text."""
    return count * (SATURATION + 1) / (count + SATURATION * (1 - LENGTH + LENGTH * length / mean))


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many claims the term of a key occurs; what is not there occurs in none."""

    counts: Mapping[int, int] = field(default_factory=dict)

    def weight(self, term: str) -> float:
        """The rarer the more: the inverse document frequency.

        As if there were a few claims more, in some of which the commonest words occur: where only
        a handful of claims is recorded, these would pass for rare else.
        """
        total = self.total + BEFORE
        count = min(self.of(term) + (COMMON if term in common_terms() else 0), total)
        return log(1 + (total - count + 0.5) / (count + 0.5))

    def of(self, term: str) -> int:
        return max(0, self.counts.get(key(term), 0))

    @property
    def total(self) -> int:
        return self.of(TOTAL)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in which a claim can be recognized: `title` is what stands over it, if anything."""

    text: str
    title: str = ""

    def words(self) -> list[str]:
        return [*words(self.title[:MOST_COMPARED]), *words(self.text[:MOST_COMPARED])]


@cache
def common_terms() -> frozenset[str]:
    """Those of the words that say nothing by themselves, in Arabic and English."""
    found = words(_COMMON_WORDS)
    return frozenset(map(stem, found)) | {gram_term(run) for word in found for run in grams(word)}


_COMMON_WORDS = """
    the a an of to in on at by for from with as and or but if that this these those it its is are
    was were be been being has have had do does did will would can could should may might not no he
    she they we you his her their our your who which what when where how there than then so also
    about after before over into more most all any some other only just said says new one
    في من على إلى الى عن مع أن إن ان كان كانت قد ما لا لم هو هي هذا هذه ذلك تلك التي الذي الذين ثم
    أو و بعد قبل بين حتى كل بعض غير أي كما عند لكن إذا منذ خلال ضد حول دون يوم قال قالت عام
"""


def gram_term(gram: str) -> str:
    """The name of a run of letters among terms; those of stems have no blank in front."""
    return " " + gram


class Asked:
    """A text that is asked about, made ready to be compared with many claims."""

    def __init__(self, text: str) -> None:
        self.text = cleaned(text)
        self.words = words(self.text)
        self.stems = list(dict.fromkeys(map(stem, self.words)))
        self.grams = list(dict.fromkeys(gram for word in self.words for gram in grams(word)))

    def terms(self) -> list[str]:
        """Whose frequencies are needed."""
        return [*self.stems, *map(gram_term, self.grams)]


class Scorer:
    """Scores claims against one text; remembers each word that it has met."""

    def __init__(self, asked: Asked, frequencies: Frequencies) -> None:
        self.frequencies = frequencies
        self.stems = {it: frequencies.weight(it) for it in asked.stems}
        self.grams = {it: frequencies.weight(gram_term(it)) for it in asked.grams}
        self.all_stems = sum(self.stems.values()) or 1.0
        self.all_grams = sum(self.grams.values()) or 1.0
        self.by_piece: dict[str, list[str]] = {}
        for it in asked.stems:
            for piece in pieces(it):
                self.by_piece.setdefault(piece, []).append(it)
        self.pieces = frozenset(self.by_piece)
        self.fewest = min((len(pieces(it)) for it in asked.stems), default=0)
        self.runs = frozenset(asked.grams)
        self.known: dict[str, tuple[int, Sequence[str], str]] = {}
        self.likeness: dict[str, tuple[float, str]] = {}

    def score(self, text_words: Sequence[str]) -> float:
        """Loops that are plain on purpose: this is where a match spends its time."""
        known, length = self.known, 0
        runs: dict[str, int] = {}
        stems: dict[str, int] = {}
        for word in text_words:
            count, shared, stemmed = known.get(word) or self._know(word)
            length += count
            for run in shared:
                runs[run] = runs.get(run, 0) + 1
            if stemmed:
                stems[stemmed] = stems.get(stemmed, 0) + 1
        size, found_runs, found_stems = len(text_words), 0.0, 0.0
        for run, times in runs.items():
            found_runs += self.grams[run] * damped(times, length, MEAN_GRAMS)
        for stemmed, times in stems.items():
            like, of = self.likeness[stemmed]
            found_stems += like * self.stems[of] * damped(times, size, MEAN_STEMS)
        return OF_GRAMS * found_runs / self.all_grams + OF_STEMS * found_stems / self.all_stems

    def _know(self, word: str) -> tuple[int, Sequence[str], str]:
        """How many runs it has, those that are asked about, and its stem where that is like one."""
        runs, stemmed = grams(word), stem(word)
        like, _of = self.likeness.get(stemmed) or self.like(stemmed)
        shared = () if self.runs.isdisjoint(runs) else [it for it in runs if it in self.runs]
        told = self.known[word] = len(runs), shared, stemmed if like else ""
        return told

    def like(self, stemmed: str) -> tuple[float, str]:
        """How like the likest stem that is asked about, from 0 to 1, and which that is."""
        found = self.likeness.get(stemmed)
        if found is None:
            found = self.likeness[stemmed] = self._like(stemmed)
        return found

    def _like(self, stemmed: str) -> tuple[float, str]:
        if stemmed in self.stems:
            return 1.0, stemmed
        mine = pieces(stemmed)
        met = self.pieces.intersection(mine)
        if len(met) < LEAST_LIKE / 2 * (len(mine) + self.fewest):
            return 0.0, ""  # even if all of them were of the one stem
        shared: dict[str, int] = {}
        for piece in met:
            for it in self.by_piece[piece]:
                shared[it] = shared.get(it, 0) + 1
        best, of = 0.0, ""
        for it, common in shared.items():
            dice = 2 * common / (len(mine) + len(pieces(it)))
            if dice > best:
                best, of = dice, it
        return (best * best, of) if best >= LEAST_LIKE else (0.0, "")


TOTAL = ""
"""The term that every claim has: its frequency is the number of claims."""


def key(term: str) -> int:
    """The number that stands for a term where claims are found by it: 32 bits, with a sign."""
    number = crc32(term.encode())
    return number - (number >> 31 << 32)


@lru_cache(maxsize=30_000)
def keys_of(word: str) -> tuple[int, tuple[int, ...]]:
    """Of its stem, and of its runs."""
    return key(stem(word)), tuple(key(gram_term(run)) for run in grams(word))


@dataclass(frozen=True, slots=True)
class Found:
    """What a claim is found by. impacts: of the keys of its stems, what they weigh in hundredths;
    terms: the keys of all whose frequencies are counted."""

    impacts: dict[int, int]
    terms: frozenset[int]

    @classmethod
    def by(cls, readings: Iterable[Reading]) -> "Found":
        """In each of the readings; a stem weighs what it does where it weighs most."""
        impacts: dict[int, int] = {}
        terms = {key(TOTAL)}
        for reading in readings:
            its_words = reading.words()
            length = len(its_words)
            impact = round(100 * damped(1, length, MEAN_STEMS))
            for word in set(its_words):
                term, runs = keys_of(word)
                impacts[term] = max(impact, impacts.get(term, 0))
                terms.update(runs)
        return cls(dict(sorted(impacts.items())), frozenset(terms | impacts.keys()))
