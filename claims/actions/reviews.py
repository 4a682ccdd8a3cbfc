"""Importing what other organizations found: their claims, who said them, their verdicts.

Many at once: what they name is looked up for all of them together, and what is to be stored is
copied. Everything is done by whoever does it one by one (`judge`, `file_claims`,
`external_organization`), so a record that came this way is like any other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from hashlib import md5
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model
from uuid_utils.compat import uuid7

from claims import dates
from claims.actions.bulk import Asked, file_claims
from claims.actions.claims import add_appearance
from claims.actions.desks import external_organization
from claims.actions.judging import Held, Tip, judge
from claims.actions.met import Articles, Batch, Speakers
from claims.actions.store import Refused, Store
from claims.errors import Refusal
from claims.formats.claimreview_in import Citation, Reason, Record, Review, Unusable
from claims.formats.claimreview_in.values import same_address
from claims.models import (
    Article,
    Change,
    Content,
    Evidence,
    ImportedClaim,
    Member,
    Organization,
    Publisher,
    Speaker,
    Verdict,
)
from claims.queries import reviews as queries
from claims.text.sameness import same
from claims.vocabulary import Kind, Outcome, Speech, Stance

ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('reviews of others', 2))"
HOLD = "SELECT FROM claims_claim WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
JUDGED = """
    UPDATE claims_claim c SET status = n.status, version = c.version + n.verdicts,
        changed_at = n.at
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::timestamptz[]) AS n(id, status, verdicts, at)
    WHERE c.id = n.id"""

# Those that are written, each after those that its rows point at.
SOURCES: tuple[type[Model], ...] = (Content, Publisher, Speaker, Article, Change)
FINDINGS: tuple[type[Model], ...] = (Content, ImportedClaim, Verdict, Evidence, Change)


class Became(Enum):
    IMPORTED = "imported"
    THERE = "there"


Fate = Became | Reason


@dataclass(slots=True)
class Tally:
    """What became of records; `records` is the sum of the next three.

    reasons, notes: by their words. unknown: labels that no table knows, by site. made: how many
    rows are new, by kind.
    """

    records: int = 0
    imported: int = 0
    there: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)

    def count(self, record: Record, fate: Fate) -> None:
        self.records += 1
        if isinstance(fate, Reason):
            self.refused += 1
            self.reasons[fate.word] += 1
            return
        if fate is Became.THERE:
            self.there += 1
            return
        self.imported += 1
        assert isinstance(record, Review)
        self.notes.update(note.word for note in record.notes)
        if not record.is_known:
            self.unknown[record.site, record.label or ""] += 1

    def __iadd__(self, other: "Tally") -> "Tally":
        for name in ("records", "imported", "there", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("reasons", "notes", "unknown", "made"):
            getattr(self, name).update(getattr(other, name))
        return self


def import_reviews(
    records: Sequence[Record], *, by: Member, made_of: Counter[str] | None = None
) -> list[Fate]:
    """File what is new of these records, all or nothing; what became of each, in order.

    Of one organization's reviews of one claim, later ones supersede earlier ones, by the day of
    publication; in the order of the records where that is not told. What the database refuses is
    filed in parts, until it is known which record is at fault. One import at a time: until the
    transaction ends, others wait.

    made_of: counts the new rows by kind.
    """
    usable = [it for it in records if isinstance(it, Review)]
    fates = iter(import_usable(usable, by=by, made_of=Counter() if made_of is None else made_of))
    return [it.reason if isinstance(it, Unusable) else next(fates) for it in records]


def import_usable(reviews: Sequence[Review], *, by: Member, made_of: Counter[str]) -> list[Fate]:
    if not reviews:
        return []
    store = Store()
    try:
        with store.transaction() as at:
            importing = Importing(reviews, by, at, store)
            fates = importing.run()
    except Refused:
        if len(reviews) == 1:
            return [Reason.NOT_TAKEN]
        middle = len(reviews) // 2
        return [
            fate
            for half in (reviews[:middle], reviews[middle:])
            for fate in import_usable(half, by=by, made_of=made_of)
        ]
    made_of.update(importing.made)
    return fates


@dataclass(slots=True)
class Judgement:
    """A verdict of a chain, as far as a review can be the same. is_tip: nothing supersedes it."""

    id: UUID
    outcome: Outcome
    said: tuple[object, ...]
    date_published: str | None
    is_tip: bool


class Importing(Batch):
    """Some reviews, in their transaction."""

    def __init__(self, reviews: Sequence[Review], by: Member, at: datetime, store: Store) -> None:
        super().__init__(by, at, store)
        self.reviews = reviews

    def run(self) -> list[Fate]:
        with self.store.refusals():
            self.alone()
            self.organizations = self.find_organizations()
            self.speakers = Speakers(self, self.reviews)
            self.articles = Articles(self, self.reviews)
            said_by = [self.speakers.of(it.claimant) for it in self.reviews]
            keys = [key(by, it.claim) for by, it in zip(said_by, self.reviews, strict=True)]
            known = queries.claims_by_key(keys)
            new = self.new_claims(keys, said_by, known)
            self.write(SOURCES)
            # Articles before claims, as whoever captures a text locks them.
            self.store.locked(list(map(str, self.articles.found.values())))
            refused = self.file(new)
            held = self.hold(set(known.values()))
            for pk, asked in new.values():
                if pk not in refused:
                    held[pk] = (pk, self.at, asked.said["language"], self.at)
            claims = known | {it: pk for it, (pk, _asked) in new.items()}
            fates = self.judge_all([claims[it] for it in keys], held)
            self.write(FINDINGS)
            self.add_appearances([claims[it] for it in keys], fates)
            self.store.check()
        return fates

    def alone(self) -> None:
        """Until the transaction ends: two imports would both find that something is missing."""
        with connection.cursor() as cursor:
            cursor.execute(ALONE)

    def hold(self, claims: Collection[UUID]) -> dict[UUID, queries.Row]:
        """Those that are there, locked in one order; looked at after that, as for one verdict."""
        with connection.cursor() as cursor:
            cursor.execute(HOLD, [list(claims)])
        return {row[0]: row for row in queries.claims_as_they_are(claims)}

    # Who found it, who said it, where

    def find_organizations(self) -> dict[str, UUID]:
        sites = {it.site: it for it in reversed(self.reviews)}  # the first to tell its name
        known = Organization.objects.filter(external_site__in=sites)
        found = {str(site): pk for site, pk in known.values_list("external_site", "pk")}
        for site, review in reversed(sites.items()):
            if site not in found:
                made_now = external_organization(
                    site=site, name=review.publisher, url=review.publisher_url, by=self.by
                )
                found[site] = made_now.pk
                self.made["organization"] += 1
        return found

    def new_claims(
        self, keys: Sequence[UUID], said_by: Sequence[UUID | None], claims: Collection[UUID]
    ) -> dict[UUID, tuple[UUID, Asked]]:
        """By its key, each claim that is not there yet: its id to be, and how it is filed."""
        new: dict[UUID, tuple[UUID, Asked]] = {}
        first = {}
        for it, by, review in zip(keys, said_by, self.reviews, strict=True):
            if it not in claims and it not in first:
                first[it] = (by, review)
        for it, (by, review) in first.items():
            pk = uuid7()
            said = {
                "kind": Kind.STATEMENT.value,
                "text": review.claim,
                "language": review.language,
                "speaker": None if by is None else str(by),
                "speech": Speech.INDIRECT.value,
                "stated_on": review.claimed_on,
            }
            appearances = [
                (f"#/appearances/{i}", {"article": str(self.articles.at(url))})
                for i, url in enumerate(review.appearances)
            ]
            new[it] = pk, Asked(said, appearances, str(pk))  # type: ignore[arg-type]
            self.rows[ImportedClaim].append({"key": it, "claim_id": pk})
        return new

    def file(self, new: dict[UUID, tuple[UUID, Asked]]) -> dict[UUID, Refusal]:
        """Those that are refused, by their ids to be."""
        refused = {}
        asked = [asked for _pk, asked in new.values()]
        fates = file_claims(asked, by=self.by, store=Store())
        for (pk, _asked), fate in zip(new.values(), fates, strict=True):
            if isinstance(fate, Refusal):
                refused[pk] = fate
        if refused:
            self.rows[ImportedClaim] = [
                it for it in self.rows[ImportedClaim] if it["claim_id"] not in refused
            ]
        self.made["claim"] += len(new) - len(refused)
        return refused

    def add_appearances(self, claims: Sequence[UUID], fates: list[Fate]) -> None:
        """Where a claim that is there appears besides; a review that says so is new by that."""
        told = [i for i, it in enumerate(self.reviews) if it.appearances]
        if not told:
            return
        there = queries.appearances({claims[i] for i in told})
        for i in told:
            if isinstance(fates[i], Reason):
                continue
            for article in map(self.articles.at, self.reviews[i].appearances):
                if (claims[i], article) not in there:
                    there.add((claims[i], article))
                    add_appearance(claim_id=claims[i], appearance={"article": article}, by=self.by)
                    fates[i] = Became.IMPORTED

    # Verdicts

    def judge_all(self, claims: Sequence[UUID], held: dict[UUID, queries.Row]) -> list[Fate]:
        chains = self.chains(held)
        status: dict[UUID, str] = {}
        verdicts: Counter[UUID] = Counter()
        at: dict[UUID, datetime] = {}
        fates: list[Fate] = [Reason.NOT_TAKEN] * len(self.reviews)
        for i in sorted(range(len(claims)), key=lambda i: self.reviews[i].date_published or ""):
            review, claim = self.reviews[i], claims[i]
            if claim not in held:
                continue
            organization = self.organizations[review.site]
            chain = chains[claim].setdefault(organization, [])
            fates[i] = fate = fate_of(review, chain)
            if fate is not Became.IMPORTED:
                continue
            _pk, created_at, language, now = held[claim]
            # One after the other, as if each had been filed by itself.
            at[claim] = now + timedelta(microseconds=verdicts[claim])
            verdicts[claim] += 1
            tips = [
                Tip(it.id, by, it.outcome)
                for by, its in chains[claim].items()
                for it in its
                if it.is_tip
            ]
            judged, status[claim], rows = judge(
                Held(at[claim], created_at, language, tips, None),
                finding(review),
                claim_id=claim,
                by=self.by,
                external=organization,
            )
            for model, its in rows.items():
                self.rows[model] += its
            for earlier in chain:
                earlier.is_tip = False
            chain.append(
                Judgement(
                    judged.verdict.pk,
                    review.outcome,
                    said(
                        review.url,
                        review.label,
                        review.outcome,
                        review.title,
                        review.date_published,
                    ),
                    review.date_published,
                    is_tip=True,
                )
            )
        if verdicts:
            order = sorted(verdicts)
            columns: list[Any] = [order, [str(status[pk]) for pk in order]]
            columns += [[verdicts[pk] for pk in order], [at[pk] for pk in order]]
            with connection.cursor() as cursor:
                cursor.execute(JUDGED, columns)
        self.made["verdict"] += verdicts.total()
        return fates

    def chains(self, claims: Iterable[UUID]) -> dict[UUID, dict[UUID, list[Judgement]]]:
        found: dict[UUID, dict[UUID, list[Judgement]]] = {pk: {} for pk in claims}
        for claim, by, pk, outcome, url, label, title, day, is_tip in queries.verdicts_on(found):
            its = said(url, label, outcome, title, day)
            found[claim].setdefault(by, []).append(
                Judgement(pk, Outcome(outcome), its, day, is_tip)
            )
        return found


def key(speaker: UUID | None, text: str) -> UUID:
    """What a claim is met again by: see ImportedClaim."""
    words = f"{speaker or ''}\n{same(text)}"
    return UUID(bytes=md5(words.encode(), usedforsecurity=False).digest())


def said(
    url: str | None, label: str | None, outcome: str, title: str | None, day: str | None
) -> tuple[object, ...]:
    """Equal for two publications of one review that say the same."""
    return url and same_address(url), label, str(outcome), title, day


def fate_of(review: Review, chain: Sequence[Judgement]) -> Fate:
    own = said(review.url, review.label, review.outcome, review.title, review.date_published)
    if any(it.said == own for it in chain):
        return Became.THERE
    tip = next((it for it in chain if it.is_tip), None)
    if tip is not None and is_before(review.date_published, tip.date_published):
        return Reason.OLDER
    return Became.IMPORTED


def is_before(one: str | None, other: str | None) -> bool:
    """Whether a date is certainly before another one."""
    if one is None or other is None:
        return False
    last, first = dates.parse(one).latest, dates.parse(other).earliest
    return last is not None and first is not None and last < first


def finding(review: Review) -> Any:
    return {
        "outcome": review.outcome,
        "rationale": review.rationale,
        "label": review.label,
        "url": review.url,
        "title": review.title,
        "language": review.review_language,
        "date_published": review.date_published,
        "evidence": [evidence(it, review.citations) for it in review.citations],
    }


def evidence(cited: Citation, among: Sequence[Citation]) -> dict[str, Any]:
    """What it stands for is not told."""
    copied = cited.derived_from
    position = next((i for i, it in enumerate(among) if it.url == copied), None)
    return {
        "url": cited.url,
        "stance": Stance.CONTEXT,
        "title": cited.title,
        "archive_url": cited.archive_url,
        "quote": cited.quote,
        "derived_from": position,
    }
