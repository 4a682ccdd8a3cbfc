"""A varied record, and the same in plain Python: what filters should find in it."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from claims import dates
from claims.models import Appearance, Article, Claim, Organization, Publisher, Speaker
from claims.vocabulary import JUDGEMENTS, Kind, Outcome, Speech, status_of
from tests import make

START = datetime(2020, 3, 14, 9, 30, tzinfo=UTC)
INSTANTS = [START + timedelta(days=n) for n in range(6)]  # few, so that many claims share one
LANGUAGES = ["ar", "ar-IQ", "arz", "en", "en-GB"]
SUBJECTS = ["liberation of Iraq", " liberation of Iraq", "training", "تحرير العراق"]
PROPERTIES = ["declared on", "lasted"]
PUBLISHED = [
    None,
    "2020-03-14",
    "2020-03",
    "2019",
    "2020-02-21~/2020-02-29~",
    "2018/..",
    "../2021",
    "2020-03-13",
]


@dataclass
class Book:
    """An article as filters see it."""

    id: str
    publisher: str
    language: str
    url: str | None
    first: date | None
    last: date | None
    created_at: datetime


@dataclass
class Entry:
    """A claim as filters see it."""

    id: str
    kind: str
    language: str
    speaker: str | None
    subject: str | None
    property: str | None
    created_at: datetime
    changed_at: datetime
    books: list[Book] = field(default_factory=list)
    tips: dict[str, Outcome] = field(default_factory=dict)  # by organization
    related: set[str] = field(default_factory=set)
    cluster: set[str] = field(default_factory=set)  # itself not in it

    @property
    def standing(self) -> dict[str, Outcome]:
        return {k: v for k, v in self.tips.items() if v is not Outcome.WITHDRAWN}

    @property
    def status(self) -> str:
        return str(status_of(self.standing.values()))


@dataclass
class Library:
    entries: list[Entry]
    books: list[Book]

    def find(self, query: dict[str, str]) -> list[Entry]:
        """The claims that a query should find, ordered."""
        found = [entry for entry in self.entries if fits(entry, query)]
        return ordered(found, query.get("ordering", "-created_at"))

    def find_books(self, query: dict[str, str]) -> list[Book]:
        found = [book for book in self.books if book_fits(book, query)]
        return ordered(found, query.get("ordering", "-created_at"))


def ordered(rows: list[Any], ordering: str) -> list[Any]:
    column = ordering.removeprefix("-")
    return sorted(
        rows, key=lambda row: (getattr(row, column), row.id), reverse=ordering.startswith("-")
    )


def fits(entry: Entry, query: dict[str, str]) -> bool:
    return (
        all(getattr(entry, name) == query[name] for name in SAME & query.keys())
        and speaks(entry.language, query)
        and filed(entry, query)
        and ("changed_after" not in query or entry.changed_at >= instant(query["changed_after"]))
        and (
            "has_verdict" not in query or str(bool(entry.standing)).lower() == query["has_verdict"]
        )
        and query.get("related_to") in {None, *entry.related}
        and query.get("same_as") in {None, *entry.cluster}
        and (not BOOK & query.keys() or any(carries(book, query) for book in entry.books))
        and (not VERDICT & query.keys() or judged(entry, query))
    )


SAME = {"kind", "status", "speaker", "subject", "property"}
BOOK = {"article", "publisher", "published_after", "published_before"}
VERDICT = {"organization", "outcome"}


def speaks(language: str, query: dict[str, str]) -> bool:
    asked = query.get("language", language)
    return language == asked or language.startswith(f"{asked}-")


def filed(row: Any, query: dict[str, str]) -> bool:
    return ("created_after" not in query or row.created_at >= instant(query["created_after"])) and (
        "created_before" not in query
        or row.created_at <= instant(query["created_before"], end_of_day=True)
    )


def instant(text: str, *, end_of_day: bool = False) -> datetime:
    if len(text) > 10:
        return datetime.fromisoformat(text)
    day = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return day + timedelta(days=1, microseconds=-1) if end_of_day else day


def carries(book: Book, query: dict[str, str]) -> bool:
    """Whether one and the same article is all that is asked of an article."""
    return (
        query.get("article", book.id) == book.id
        and query.get("publisher", book.publisher) == book.publisher
        and within(book, query)
    )


def within(book: Book, query: dict[str, str]) -> bool:
    after, before = query.get("published_after"), query.get("published_before")
    return (after is None or (book.first is not None and book.first.isoformat() >= after)) and (
        before is None or (book.last is not None and book.last.isoformat() <= before)
    )


def judged(entry: Entry, query: dict[str, str]) -> bool:
    # A withdrawal is asked for by its name alone: it does not stand.
    tips = entry.tips if "outcome" in query else entry.standing
    return any(
        query.get("organization", by) == by and query.get("outcome", outcome) == outcome
        for by, outcome in tips.items()
    )


def book_fits(book: Book, query: dict[str, str]) -> bool:
    return (
        query.get("publisher", book.publisher) == book.publisher
        and ("url" not in query or book.url == query["url"])
        and speaks(book.language, query)
        and within(book, query)
        and filed(book, query)
    )


def build(seed: int = 7, size: int = 50) -> Library:
    chance = random.Random(seed)
    desks = [make.desk(f"Library desk {n}") for n in range(2)]
    publishers = [str(make.publisher(name=f"Outlet {n}").pk) for n in range(3)]
    speakers = [str(make.speaker(name=f"Speaker {n}").pk) for n in range(3)]
    articles = [article(chance, publishers, n, text) for n, text in enumerate(PUBLISHED * 2)]
    entries = []
    for _ in range(size):
        claim = filed_claim(chance, speakers)
        entry = Entry(
            id=str(claim.pk),
            kind=claim.kind,
            language=claim.language,
            speaker=None if claim.speaker_id is None else str(claim.speaker_id),
            subject=claim.subject,
            property=claim.property,
            created_at=claim.created_at,
            changed_at=chance.choice(INSTANTS),
        )
        for position, book in enumerate(chance.choices(articles, k=chance.choice([0, 1, 1, 2, 3]))):
            Appearance.objects.create(
                claim=claim, position=position, article_id=book.id, checked=False
            )
            entry.books.append(book)
        for desk in desks:
            for _ in range(chance.choice([0, 0, 1, 2, 3])):
                standing = entry.standing.get(str(desk.organization.pk))
                may = [*sorted(JUDGEMENTS), *([Outcome.WITHDRAWN] * 2 if standing else [])]
                outcome = chance.choice(may)
                make.verdict(claim, desk.checker, outcome)
                entry.tips[str(desk.organization.pk)] = outcome
        Claim.objects.filter(pk=claim.pk).update(changed_at=entry.changed_at)
        entries.append(entry)
    relate(entries, desks[0])
    return Library(entries, articles)


def relate(entries: list[Entry], desk: make.Desk) -> None:
    """Of the first ones, four are confirmed as the same, one after the other, and two contradict
    each other."""
    pairs = [*pairwise(entries[:4]), (entries[0], entries[5])]
    for i, (one, other) in enumerate(pairs):
        claims = Claim.objects.in_bulk([one.id, other.id], field_name="id")
        first, second = (claims[UUID(it.id)] for it in (one, other))
        make.relation(first, second, desk.checker, "same" if i < 3 else "contradicts")
        one.related.add(other.id)
        other.related.add(one.id)
    for entry in entries[:6]:
        Claim.objects.filter(pk=entry.id).update(changed_at=entry.changed_at)
    for entry in entries[:4]:
        entry.cluster = {it.id for it in entries[:4]} - {entry.id}


def article(chance: random.Random, publishers: list[str], n: int, published: str | None) -> Book:
    meant = None if published is None else dates.parse(published)
    book = Book(
        id="",
        publisher=chance.choice(publishers),
        language=chance.choice(LANGUAGES),
        url=f"https://example.org/{n}" if n % 2 else None,
        first=meant and meant.earliest,
        last=meant and meant.latest,
        created_at=chance.choice(INSTANTS),
    )
    row = Article.objects.create(
        publisher_id=book.publisher,
        headline="Headline",
        language=book.language,
        url=book.url,
        date_published=published,
        published_from=book.first,
        published_to=book.last,
        created_at=book.created_at,
    )
    book.id = str(row.pk)
    return book


def filed_claim(chance: random.Random, speakers: list[str]) -> Claim:
    kind = chance.choice([Kind.FACT, Kind.FACT, Kind.STATEMENT])
    said: dict[str, Any] = {"speech": Speech.DIRECT, "speaker_id": chance.choice(speakers)}
    stated = {
        "subject": chance.choice(SUBJECTS),
        "property": chance.choice(PROPERTIES),
        "value": "2017-12-10",
        "value_type": "date",
        "speaker_id": chance.choice([None, *speakers]),
    }
    return Claim.objects.create(
        kind=kind,
        text="A claim",
        language=chance.choice(LANGUAGES),
        created_at=chance.choice(INSTANTS),
        **(stated if kind == Kind.FACT else said),
    )


def ids_of(model: type) -> list[str]:
    return [str(pk) for pk in model._default_manager.values_list("pk", flat=True)]


def values() -> dict[str, list[str]]:
    """For each filter of claims/, what it may be asked for; of the library that is built."""
    instants = [at.isoformat().replace("+00:00", "Z") for at in INSTANTS]
    days = [at.date().isoformat() for at in INSTANTS]
    published = ["2018-01-01", "2019-01-01", "2020-02-21", "2020-03-14", "2020-03-31", "2021-12-31"]
    return {
        "kind": list(Kind),
        "status": ["unverified", "verified", "disputed", "inconclusive", "contested"],
        "language": LANGUAGES,
        "speaker": ids_of(Speaker),
        "publisher": ids_of(Publisher),
        "article": ids_of(Article),
        "organization": ids_of(Organization),
        "outcome": list(Outcome),
        "subject": SUBJECTS,
        "property": PROPERTIES,
        "published_after": published,
        "published_before": published,
        "created_after": instants + days,
        "created_before": instants + days,
        "changed_after": instants + days,
        "has_verdict": ["true", "false"],
        "related_to": ids_of(Claim),
        "same_as": ids_of(Claim),
    }
