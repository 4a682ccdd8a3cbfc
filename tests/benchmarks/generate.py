"""A record of any size, made up: who said what in which article, and what was found.

`World` makes the rows (pure, the same ones for the same size and seed); `load` writes them by
COPY as the owner of the tables, every constraint and trigger being on, in transactions small
enough for the deferred ones. Time runs with the rows: articles, claims and verdicts grow
together, some publishers and organizations come late or fall silent, as in a real record.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

import orjson
import psycopg
from psycopg import sql

from claims.vocabulary import Outcome, Role, status_of
from tests.benchmarks import words

BATCH = 10_000  # claims a transaction
STRETCH = 2048  # claims
BEGIN = datetime(2018, 1, 1, tzinfo=UTC)
END = datetime(2026, 7, 1, tzinfo=UTC)
CONTEXT = 32  # code points around a passage
NULL = r"\N"

PEOPLE = ["checker"] * 4 + ["editor", "admin"]

COLUMNS = {
    "organization": "id created_at name url",
    "member": "id created_at organization_id name role",
    "publisher": "id created_at created_by_id name names url",
    "speaker": "id created_at created_by_id type name names other_names same_as roles",
    "content": "id text sha256 length",
    "article": "id created_at created_by_id version publisher_id headline language url "
    "date_published published_from published_to",
    "snapshot": "id article_id content_id sha256 length captured_at captured_by_id",
    "claim": "id created_at created_by_id version kind text language status speaker_id stated_on "
    "changed_at speech subject property value value_type unit approximate lower upper",
    "assertion": "id statement_id fact_id",
    "appearance": "id created_at created_by_id claim_id position article_id snapshot_id exact "
    "prefix suffix start end checked",
    "relay": "id appearance_id position speaker_id",
    "anchor": "id appearance_id snapshot_id position state start end",
    "verdict": "id claim_id organization_id supersedes_id outcome label rationale_id url title "
    "language date_published issued_at issued_by_id",
    "evidence": "id verdict_id position url stance title quote_id archive_url derived_from",
}
# Each after what it refers to: some references are checked at the end of the statement.
TABLES = [name for name in COLUMNS if name != "content"]
TABLES.insert(TABLES.index("article"), "content")


@dataclass(frozen=True)
class Size:
    """How many rows there are to be of what; the rest follows."""

    claims: int

    @property
    def articles(self) -> int:
        return max(4, self.claims // 20)

    @property
    def speakers(self) -> int:
        return max(6, self.claims // 50)

    @property
    def verdicts(self) -> int:
        return self.claims * 7 // 10

    @property
    def publishers(self) -> int:
        return max(12, self.claims // 1000)

    @property
    def organizations(self) -> int:
        return 40


# The commands that make what no trigger does: what facts say, and what claims are recognized by.
FOLLOWING = ("settle_conflicts", "index_claims", "count_claims")

# Shares of the record. The rest of the publishers and organizations divide what is left.
PUBLISHERS = [0.18, 0.12, 0.09, 0.07, 0.05, 0.04]
ORGANIZATIONS = [0.22, 0.15, 0.10, 0.08, 0.07, 0.05, 0.04]
# Index → the part of the time in which it is active.
PUBLISHER_ACTIVE = {3: (0.0, 0.35), 5: (0.8, 1.0)}
ORGANIZATION_ACTIVE = {3: (0.0, 0.3), 5: (0.75, 1.0)}
SPEAKERS = [0.02, 0.015, 0.01]
LANGUAGES = {"ar": 0.56, "en": 0.30, "ar-IQ": 0.06, "en-GB": 0.04, "ar-EG": 0.02, "en-US": 0.018}
LANGUAGES["ar-TN"] = 0.002
OUTCOMES = {Outcome.DISPUTED: 0.55, Outcome.VERIFIED: 0.31, Outcome.INCONCLUSIVE: 0.14}
CHAIN_LENGTHS = {1: 0.70, 2: 0.19, 3: 0.08, 4: 0.03}


class Choice:
    """Weighted choice; weights: by index, the rest of the indexes share what is left unevenly."""

    def __init__(self, given: list[float], count: int) -> None:
        rest = count - len(given)
        tail = [1 / (i + 3) for i in range(max(0, rest))]
        scale = (1 - sum(given)) / sum(tail) if tail else 0.0
        self.limits = list(accumulate([*given[:count], *(weight * scale for weight in tail)]))
        self.all = range(len(self.limits))

    def __call__(self, rng: Random) -> int:
        return rng.choices(self.all, cum_weights=self.limits)[0]

    def active(self, rng: Random, at: float, spans: dict[int, tuple[float, float]]) -> int:
        while True:
            found = self(rng)
            since, until = spans.get(found, (0.0, 1.0))
            if since <= at <= until:
                return found


@dataclass(frozen=True)
class Text:
    """A snapshot's text and where its sentences are."""

    id: str
    text: str
    spans: list[tuple[int, int]]
    sha256: str
    withheld: bool
    captured_at: datetime


@dataclass(frozen=True)
class Piece:
    """An article, and the texts captured of it: none, one or two.

    later: for each sentence of the first text its place in the second, None where it is lost.
    """

    id: str
    created_at: datetime
    publisher: int
    language: str
    headline: str
    url: str | None
    published: tuple[str | None, date | None, date | None]
    texts: list[Text]
    later: list[tuple[int, int] | None]


@dataclass
class World:
    size: Size
    seed: int = 1
    rows: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.seed}")
        self.publisher_of = Choice(PUBLISHERS, self.size.publishers)
        self.organization_of = Choice(ORGANIZATIONS, self.size.organizations)
        self.article = lru_cache(maxsize=4_096)(self._article)
        ids = Random(f"{self.seed} ids")
        self.organizations = [uuid7(BEGIN, ids) for _ in range(self.size.organizations)]
        self.members = [[uuid7(BEGIN, ids) for _ in PEOPLE] for _ in self.organizations]
        self.publishers = [uuid7(BEGIN, ids) for _ in range(self.size.publishers)]
        self.speakers = [uuid7(BEGIN, ids) for _ in range(self.size.speakers)]
        self.facts: list[str] = []

    def batches(self) -> Iterator[tuple[int, dict[str, list[str]]]]:
        """(number of claims, table → rows in COPY's text form); each refers to earlier ones."""
        self._cast()
        articles = 0
        for first in range(0, self.size.claims, BATCH):
            last = min(first + BATCH, self.size.claims)
            needed = self.size.articles * last // self.size.claims
            for number in range(articles, needed):
                self._file(self.article(number))
            articles = needed
            verdicts = [self.size.verdicts * n // self.size.claims for n in (first, last)]
            chains = self._chains(last - first, verdicts[1] - verdicts[0])
            for number, chain in zip(range(first, last), chains, strict=True):
                self._claim(number, chain)
            rows, self.rows = self.rows, defaultdict(list)
            yield last - first, rows

    def stretches(self) -> list[tuple[int, datetime]]:
        """When stretches of time begin, as if they had been begun while the record grew."""
        firsts = range(STRETCH, self.size.claims, STRETCH)
        return [(first // STRETCH, self._filed_at(first)) for first in firsts]

    def _filed_at(self, claim: int) -> datetime:
        return when(claim / self.size.claims) + timedelta(minutes=5)

    # Who there is

    def _cast(self) -> None:
        rng = Random(f"{self.seed} cast")
        at = instant(BEGIN)
        for index, (organization, members) in enumerate(
            zip(self.organizations, self.members, strict=True)
        ):
            place = words.PLACES["en"][index % len(words.PLACES["en"])]
            name = f"Fact desk of {place} {index + 1}"
            self.add("organization", organization, at, name, f"https://desk-{index}.example/")
            for member, role in zip(members, PEOPLE, strict=True):
                person = full_name(rng, "en")
                self.add("member", member, at, organization, person, Role(role).value)
        for index, publisher in enumerate(self.publishers):
            at_place = rng.randrange(len(words.PLACES["en"]))
            name = f"{words.PLACES['en'][at_place]} Gazette {index + 1}"
            names = {"ar": f"صحيفة {words.PLACES['ar'][at_place]} {index + 1}"}
            by = self.members[0][0]
            self.add("publisher", publisher, at, by, name, json(names), None)
        for index, speaker in enumerate(self.speakers):
            is_person = rng.random() < 0.8
            state = rng.getstate()
            name = full_name(rng, "en") if is_person else rng.choice(words.BODIES["en"])
            rng.setstate(state)
            arabic = full_name(rng, "ar") if is_person else rng.choice(words.BODIES["ar"])
            kind = "person" if is_person else "organization"
            name = f"{name} {index}"
            names, roles = {"ar": arabic}, []
            if is_person and rng.random() < 0.5:
                body = rng.choice(words.BODIES["en"])
                roles = [{"title": f"spokesman of {body}", "titles": {}, "since": None}]
                roles[0]["until"] = None
            same_as = array(f"https://names.example/{index}" if rng.random() < 0.3 else None)
            by = self.members[0][1]
            given = (kind, name, json(names), "{}", same_as, json(roles))
            self.add("speaker", speaker, at, by, *given)

    # Sources

    def _article(self, number: int) -> Piece:
        """The article of this number, made anew each time it is asked for."""
        rng = Random(f"{self.seed} article {number}")
        at = number / self.size.articles
        created_at = when(at)
        publisher = self.publisher_of.active(rng, at, PUBLISHER_ACTIVE)
        language = pick(rng, LANGUAGES)
        base = language[:2]
        sentences = [
            filled(rng, words.SENTENCES[base][rng.randrange(len(words.SENTENCES[base]))], base)
            for _ in range(rng.randint(8, 26))
        ]
        texts, later = [], []
        kind = rng.random()
        if kind > 0.02:  # else known by its address alone
            withheld = kind > 0.92
            first, spans = joined(sentences)
            texts.append(captured(first, spans, created_at, rng, withheld=withheld))
            if kind > 0.88 or 0.3 < kind < 0.36:
                lost = rng.randrange(len(sentences))
                inserted = rng.randrange(len(sentences))
                edited = [s for i, s in enumerate(sentences) if i != lost]
                edited.insert(inserted, filled(rng, rng.choice(words.SENTENCES[base]), base))
                second, moved = joined(edited)
                days = timedelta(days=rng.uniform(0.01, 3))
                texts.append(captured(second, moved, created_at + days, rng, withheld=withheld))
                kept = [i for i in range(len(edited)) if i != inserted]
                places = iter([moved[i] for i in kept])
                later = [None if i == lost else next(places) for i in range(len(spans))]
        has_url = not texts or rng.random() < 0.9
        return Piece(
            id=uuid7(created_at, rng),
            created_at=created_at,
            publisher=publisher,
            language=language,
            headline=filled(rng, rng.choice(words.HEADLINES[base]), base),
            url=f"https://press-{publisher}.example/{base}/{number}" if has_url else None,
            published=published(rng, created_at),
            texts=texts,
            later=later,
        )

    def _file(self, piece: Piece) -> None:
        rng = Random(piece.id)
        by = self.somebody(rng, piece.created_at)
        name, earliest, latest = piece.published
        self.add(
            "article",
            piece.id,
            instant(piece.created_at),
            by,
            1 + len(piece.texts),
            self.publishers[piece.publisher],
            piece.headline,
            piece.language,
            piece.url,
            name,
            earliest,
            latest,
        )
        for text in piece.texts:
            content = None if text.withheld else uuid7(text.captured_at, rng)
            if content is not None:
                self.content(content, text.text, text.sha256)
            digest, length = rf"\x{text.sha256}", len(text.text)
            captured_at = instant(text.captured_at)
            self.add("snapshot", text.id, piece.id, content, digest, length, captured_at, by)

    # Claims

    def _claim(self, number: int, chain: int) -> None:
        rng = self.rng
        at = number / self.size.claims
        created_at = self._filed_at(number)
        pieces = self._carriers(number)
        language = pieces[0].language if pieces else pick(rng, LANGUAGES)
        base = language[:2]
        claim = uuid7(created_at, rng)
        text = filled(rng, rng.choice(words.CLAIMS[base]), base)
        is_fact = rng.random() < 0.6
        speaker = self.speakers[self._speaker()] if not is_fact or rng.random() < 0.5 else None
        speech = None if is_fact else rng.choice(["direct", "indirect", "indirect"])
        stated_on = edtf_day(created_at) if rng.random() < 0.4 else None
        fact = self._fact(base) if is_fact else (None,) * 8
        by = self.somebody(rng, created_at)
        status, judged_at = self._verdicts(claim, created_at, at, chain, language)
        self.add(
            "claim",
            claim,
            instant(created_at),
            by,
            1 + chain,
            "fact" if is_fact else "statement",
            text,
            language,
            status,
            speaker,
            stated_on,
            instant(judged_at or created_at),
            speech,
            *fact,
        )
        asserts = []
        if is_fact:
            self.facts = [*self.facts[-200:], claim]
        elif self.facts and rng.random() < 0.1:
            asserts.append(rng.choice(self.facts))
            self.add("assertion", uuid7(created_at, rng), claim, asserts[0])
        for position, piece in enumerate(pieces):
            self._appearance(claim, position, piece, created_at, by)

    def _carriers(self, number: int) -> list[Piece]:
        """The articles that a claim appears in: mostly a recent one, none for the imported."""
        kind = self.rng.random()
        if kind < 0.03:
            return []
        newest = self.size.articles * number // self.size.claims
        back = 0 if self.rng.random() < 0.8 else self.rng.randrange(min(newest, 40) + 1)
        pieces = [self.article(newest - back)]
        if kind > 0.95 and newest > 1:
            other = self.article(self.rng.randrange(max(0, newest - 200), newest))
            if other.id != pieces[0].id:
                pieces.append(other)
        return pieces

    def _speaker(self) -> int:
        kind, before = self.rng.random(), 0.0
        for index, share in enumerate(SPEAKERS):
            before += share
            if kind < before:
                return index
        return int(self.size.speakers * self.rng.random() ** 2)

    def _fact(self, base: str) -> tuple[str | None, ...]:
        """subject, property, value, value_type, unit, approximate, lower, upper"""
        rng = self.rng
        event, place, year = (int(len(words.EVENTS["en"]) * rng.random() ** 2), 0, 0)
        if rng.random() > 0.03:  # else a matter of everybody's
            place = int(len(words.PLACES["en"]) * rng.random() ** 1.5)
            year = rng.randint(1990, 2025)
        subject = f"{words.EVENTS[base][event]} · {words.PLACES[base][place]}"
        subject += f" · {year}" if year else ""
        count = len(words.PROPERTIES)
        name, kind, unit = words.PROPERTIES[int(count * rng.random() ** 2)]
        if kind == "date":
            return (subject, name, edtf(rng)[0], kind, None, None, None, None)
        if kind == "entity":
            return (subject, name, rng.choice(words.BODIES[base]), kind, None, None, None, None)
        if kind == "text":
            text = filled(rng, rng.choice(words.CLAIMS[base]), base)
            return (subject, name, text, kind, None, None, None, None)
        number = rng.randint(1, 90_000)
        if rng.random() < 0.15:
            return (subject, name, None, kind, unit, "f", str(number), str(number + 10))
        approximate = "t" if rng.random() < 0.3 else "f"
        return (subject, name, str(number), kind, unit, approximate, None, None)

    def _appearance(self, claim: str, position: int, piece: Piece, at: datetime, by: str) -> None:
        rng = self.rng
        appearance = uuid7(at, rng)
        text = piece.texts[0] if piece.texts else None
        found: tuple[object, ...] = (None,) * 6
        if text is not None:
            sentence = rng.randrange(len(text.spans))
            start, end = text.spans[sentence]
            found = (
                text.id,
                text.text[start:end],
                text.text[max(0, start - CONTEXT) : start],
                text.text[end : end + CONTEXT],
                start,
                end,
            )
        checked = text is not None and not text.withheld
        filed = (claim, position, piece.id, *found, "t" if checked else "f")
        self.add("appearance", appearance, instant(at), by, *filed)
        chain = []
        kind = rng.random()
        if kind < 0.30:
            chain = sorted({self._speaker() for _ in range(1 if kind < 0.22 else 2)})
        for place, speaker in enumerate(chain):
            self.add("relay", uuid7(at, rng), appearance, place, self.speakers[speaker])
        if text is not None and len(piece.texts) > 1:
            state, place = "unchecked", None
            if not text.withheld:
                place = piece.later[sentence]
                state = "lost" if place is None else "exact"
                state = "moved" if place not in (None, text.spans[sentence]) else state
            anchor = uuid7(at, rng)
            start, end = place or (None, None)
            self.add("anchor", anchor, appearance, piece.texts[1].id, 0, state, start, end)

    # Verdicts

    def _chains(self, claims: int, verdicts: int) -> list[int]:
        """How many verdicts each of a number of claims has, so that there are just so many."""
        lengths = []
        while verdicts:
            lengths.append(min(verdicts, pick(self.rng, CHAIN_LENGTHS)))
            verdicts -= lengths[-1]
        while len(lengths) > claims:  # can only happen to a handful of claims
            lengths[self.rng.randrange(claims)] += lengths.pop()
        lengths += [0] * (claims - len(lengths))
        self.rng.shuffle(lengths)
        return lengths

    def _verdicts(
        self, claim: str, created_at: datetime, at: float, count: int, language: str
    ) -> tuple[str, datetime | None]:
        """The claim's verdicts; the status that follows, and when the last one was issued."""
        rng = self.rng
        tips: dict[int, tuple[str, Outcome]] = {}
        issued_at = None
        for number in range(count):
            issued_at = (issued_at or created_at) + timedelta(hours=rng.expovariate(1 / 30))
            if tips and rng.random() < 0.6:
                index = rng.choice(list(tips))
            else:
                index = self.organization_of.active(rng, at, ORGANIZATION_ACTIVE)
            before, standing = tips.get(index, (None, None))
            outcome = pick(rng, OUTCOMES)
            if standing not in (None, Outcome.WITHDRAWN) and rng.random() < 0.25:
                outcome = Outcome.WITHDRAWN
            verdict = self._verdict(claim, index, before, outcome, issued_at, language, number)
            tips[index] = (verdict, outcome)
        left = [outcome for _, outcome in tips.values() if outcome != Outcome.WITHDRAWN]
        return status_of(left).value, issued_at

    def _verdict(
        self,
        claim: str,
        index: int,
        before: str | None,
        outcome: Outcome,
        issued_at: datetime,
        language: str,
        number: int,
    ) -> str:
        rng = self.rng
        base = language[:2]
        verdict, rationale = uuid7(issued_at, rng), uuid7(issued_at, rng)
        self.content(rationale, filled(rng, rng.choice(words.RATIONALES[base]), base))
        by = rng.choice(self.members[index])
        label = rng.choice(words.LABELS[outcome]) if rng.random() < 0.6 else None
        review = (None, None, None, None)
        if rng.random() < 0.5:
            url = f"https://desk-{index}.example/{claim[:18]}/{number}"
            title = filled(rng, rng.choice(words.HEADLINES[base]), base)
            review = (url, title, language, edtf_day(issued_at))
        organization = self.organizations[index]
        given = (before, outcome.value, label, rationale, *review)
        self.add("verdict", verdict, claim, organization, *given, instant(issued_at), by)
        for position in range(pick(rng, {0: 0.3, 1: 0.4, 2: 0.2, 3: 0.1})):
            quote = None
            if rng.random() < 0.3:
                quote = uuid7(issued_at, rng)
                self.content(quote, filled(rng, rng.choice(words.SENTENCES[base]), base))
            copied = rng.randrange(position) if position and rng.random() < 0.2 else None
            url = f"https://archive.example/{rng.getrandbits(40):x}"
            stance = rng.choice(["supports", "refutes", "refutes", "context"])
            title = filled(rng, rng.choice(words.HEADLINES[base]), base)
            piece = uuid7(issued_at, rng)
            told = (position, url, stance, title, quote, None, copied)
            self.add("evidence", piece, verdict, *told)
        return verdict

    # Rows

    def somebody(self, rng: Random, at: datetime) -> str:
        """A member of an organization that is active then."""
        share = (at - BEGIN) / (END - BEGIN)
        index = self.organization_of.active(rng, min(share, 1.0), ORGANIZATION_ACTIVE)
        return rng.choice(self.members[index])

    def add(self, table: str, *values: object) -> None:
        self.rows[table].append(
            "\t".join([NULL if value is None else escaped(str(value)) for value in values])
        )

    def content(self, row: str, text: str, sha256: str | None = None) -> None:
        digest = sha256 or hashlib.sha256(text.encode()).hexdigest()
        self.add("content", row, text, rf"\x{digest}", len(text))


def when(share: float) -> datetime:
    return BEGIN + (END - BEGIN) * share


def uuid7(at: datetime, rng: Random) -> str:
    milliseconds = int(at.timestamp() * 1000)
    bits = rng.getrandbits(74)
    number = milliseconds << 80 | 0x7 << 76 | bits >> 62 << 64 | 0b10 << 62 | (bits & (1 << 62) - 1)
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def instant(at: datetime) -> str:
    return at.isoformat()


def escaped(value: str) -> str:
    """As COPY's text form has it."""
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\n" in value:
        value = value.replace("\n", "\\n")
    return value


def json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def array(item: str | None) -> str:
    return "{}" if item is None else f'{{"{item}"}}'


def pick(rng: Random, weights: dict) -> object:
    return rng.choices(list(weights), weights=weights.values())[0]


def filled(rng: Random, template: str, base: str) -> str:
    return template.format(
        place=rng.choice(words.PLACES[base]),
        body=rng.choice(words.BODIES[base]),
        event=rng.choice(words.EVENTS[base]),
        number=rng.randint(2, 90_000),
        year=rng.randint(1990, 2025),
    )


def full_name(rng: Random, base: str) -> str:
    return f"{rng.choice(words.NAMES[base])} {rng.choice(words.FAMILIES[base])}"


def joined(sentences: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """A text of sentences, four a paragraph, and the offsets of each."""
    text, spans = "", []
    for number, sentence in enumerate(sentences):
        if number:
            text += " " if number % 4 else "\n\n"
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return text, spans


def captured(
    text: str, spans: list[tuple[int, int]], at: datetime, rng: Random, *, withheld: bool
) -> Text:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Text(uuid7(at, rng), text, spans, digest, withheld, at)


def edtf_day(at: datetime) -> str:
    return at.date().isoformat()


def edtf(rng: Random, near: date | None = None) -> tuple[str, date, date]:
    """A date of one day, a month or a year, with the first and last day that it can mean."""
    day = near or date(1990, 1, 1) + timedelta(days=rng.randrange(13_000))
    kind = rng.random()
    if kind < 0.9:
        return day.isoformat(), day, day
    if kind < 0.96:
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return f"{day:%Y-%m}", first, last
    return f"{day:%Y}", day.replace(month=1, day=1), day.replace(month=12, day=31)


def published(rng: Random, filed: datetime) -> tuple[str | None, date | None, date | None]:
    """When an article came out: days before it was filed; years before for one in eight."""
    kind = rng.random()
    if kind < 0.04:
        return None, None, None
    days = rng.expovariate(1 / 4) if kind < 0.88 else rng.uniform(100, 6_000)
    return edtf(rng, (filed - timedelta(days=days)).date())


# Writing it


@dataclass
class Report:
    """seconds and rows by table; "commit" is what the deferred constraints took."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)


def load(
    connection: psycopg.Connection,
    world: World,
    advance: Callable[[int], None] = lambda claims: None,
) -> Report:
    """Write the world into empty tables. connection: the owner's, in autocommit.

    advance: told the number of claims after each transaction.
    """
    report = Report()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO claims_stretch (number, begins_at) VALUES (%s, %s)", world.stretches()
        )
    batches = world.batches()
    while True:
        began = time.perf_counter()
        claims, batch = next(batches, (0, None))
        report.seconds["(making rows)"] += time.perf_counter() - began
        if batch is None:
            break
        with connection.transaction():
            for table in TABLES:
                if batch[table]:
                    copy(connection, table, batch[table], report)
            began = time.perf_counter()
        report.seconds["(commit, deferred checks)"] += time.perf_counter() - began
        advance(claims)
    from tests.benchmarks import history  # needs Django set up

    began = time.perf_counter()
    report.rows["change"] = history.tell(connection)
    report.seconds["change"] = time.perf_counter() - began
    began = time.perf_counter()
    connection.execute("VACUUM ANALYZE")
    report.seconds["(vacuum, analyze)"] = time.perf_counter() - began
    for table in (*TABLES, "change", "unnumbered", "placement"):  # the last: by triggers
        report.sizes[table] = connection.execute(
            "SELECT pg_table_size(%s::regclass), pg_indexes_size(%s::regclass)",
            [f"claims_{table}"] * 2,
        ).fetchone()
    return report


def copy(connection: psycopg.Connection, table: str, rows: list[str], report: Report) -> None:
    began = time.perf_counter()
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(f"claims_{table}"),
        sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table].split())),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for first in range(0, len(rows), 500):
            stream.write("\n".join(rows[first : first + 500]) + "\n")
    report.seconds[table] += time.perf_counter() - began
    report.rows[table] += len(rows)
