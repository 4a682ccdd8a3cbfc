"""Importing what other organizations found: their claims, who said them, their verdicts.

Many at once: what they name is looked up for all of them together, and what is to be stored is
copied. Everything is done by whoever does it one by one (`judge`, `file_claims`,
`external_organization`), so a record that came this way is like any other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from claims.actions.judging import Finding, Found, Held, Tip, judge
from claims.actions.met import Articles, Batch, Speakers, alone, hold
from claims.actions.store import Refused, Store
from claims.actions.tallying import Became, Fate, Tally
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

JUDGED = """
    UPDATE claims_claim c SET status = n.status, version = c.version + n.verdicts,
        changed_at = n.at
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::timestamptz[]) AS n(id, status, verdicts, at)
    WHERE c.id = n.id"""

# The rationale of what is withdrawn since its page says nothing of it any more.
TAKEN_OFF = "It was taken off the page that it was published on."

# Those that are written, each after those that its rows point at.
SOURCES: tuple[type[Model], ...] = (Content, Publisher, Speaker, Article, Change)
FINDINGS: tuple[type[Model], ...] = (Content, ImportedClaim, Verdict, Evidence, Change)


@dataclass(slots=True)
class ReviewTally(Tally):
    """unknown: labels that no table knows, by site."""

    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, record: Any, fate: Fate) -> None:
        Tally.count(self, record, fate)
        if fate is Became.IMPORTED and not record.is_known:
            self.unknown[record.site, record.label or ""] += 1


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
    """Some reviews, in their transaction.

    leaving: verdicts by their claims that are withdrawn, where nothing takes their place.
    """

    leaving: Mapping[UUID, Verdict] = {}

    def __init__(self, reviews: Sequence[Review], by: Member, at: datetime, store: Store) -> None:
        super().__init__(by, at, store)
        self.reviews = reviews

    def run(self) -> list[Fate]:
        with self.store.refusals():
            alone()
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
            held = self.hold({*known.values(), *self.leaving})
            for pk, asked in new.values():
                if pk not in refused:
                    held[pk] = (pk, self.at, asked.said["language"], self.at)
            claims = known | {it: pk for it, (pk, _asked) in new.items()}
            fates = self.judge_all([claims[it] for it in keys], held)
            self.write(FINDINGS)
            self.add_appearances([claims[it] for it in keys], fates)
            self.store.check()
        return fates

    def hold(self, claims: Collection[UUID]) -> dict[UUID, queries.Row]:
        """Those that are there, locked in one order; looked at after that, as for one verdict."""
        hold(claims)
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
        judging = Judging(self, held, self.chains(held))
        fates: list[Fate] = [Reason.NOT_TAKEN] * len(self.reviews)
        for i in sorted(range(len(claims)), key=lambda i: self.reviews[i].date_published or ""):
            review, claim = self.reviews[i], claims[i]
            if claim not in held:
                continue
            organization = self.organizations[review.site]
            fates[i] = self.fate_of(review, judging.chain(claim, organization))
            if fates[i] is Became.IMPORTED:
                judging.issue(claim, organization, finding(review))
        for claim, verdict in self.leaving.items():
            judging.withdraw(claim, verdict)
        judging.settle()
        return fates

    def fate_of(self, review: Review, chain: Sequence[Judgement]) -> Fate:
        return fate_of(review, chain)

    def chains(self, claims: Iterable[UUID]) -> dict[UUID, dict[UUID, list[Judgement]]]:
        found: dict[UUID, dict[UUID, list[Judgement]]] = {pk: {} for pk in claims}
        for claim, by, pk, outcome, url, label, title, day, is_tip in queries.verdicts_on(found):
            its = said(url, label, outcome, title, day)
            found[claim].setdefault(by, []).append(
                Judgement(pk, Outcome(outcome), its, day, is_tip)
            )
        return found


class Judging:
    """Verdicts on claims that are held, one after the other, as if each was filed by itself."""

    def __init__(
        self,
        filed: Batch,
        held: dict[UUID, queries.Row],
        chains: dict[UUID, dict[UUID, list[Judgement]]],
    ) -> None:
        self.filed, self.held, self.chains = filed, held, chains
        self.status: dict[UUID, str] = {}
        self.verdicts: Counter[UUID] = Counter()
        self.at: dict[UUID, datetime] = {}

    def chain(self, claim: UUID, organization: UUID) -> list[Judgement]:
        return self.chains[claim].setdefault(organization, [])

    def issue(self, claim: UUID, organization: UUID, finding: Finding) -> None:
        _pk, created_at, language, now = self.held[claim]
        self.at[claim] = now + timedelta(microseconds=self.verdicts[claim])
        self.verdicts[claim] += 1
        tips = [
            Tip(it.id, by, it.outcome)
            for by, its in self.chains[claim].items()
            for it in its
            if it.is_tip
        ]
        judged, self.status[claim], rows = judge(
            Held(self.at[claim], created_at, language, tips, None),
            finding,
            claim_id=claim,
            by=self.filed.by,
            external=organization,
        )
        for model, its in rows.items():
            self.filed.rows[model] += its
        chain = self.chain(claim, organization)
        for earlier in chain:
            earlier.is_tip = False
        verdict = judged.verdict
        its_words = said(
            verdict.url, verdict.label, verdict.outcome, verdict.title, verdict.date_published
        )
        chain.append(
            Judgement(
                verdict.pk,
                Outcome(verdict.outcome),
                its_words,
                verdict.date_published,
                is_tip=True,
            )
        )

    def withdraw(self, claim: UUID, verdict: Verdict) -> None:
        """Unless something has taken its place."""
        chain = self.chain(claim, verdict.organization_id)
        if any(it.is_tip and it.id == verdict.pk for it in chain):
            self.issue(
                claim,
                verdict.organization_id,
                {"outcome": Outcome.WITHDRAWN, "rationale": TAKEN_OFF},
            )

    def settle(self) -> None:
        """What the claims have of it."""
        if self.verdicts:
            order = sorted(self.verdicts)
            columns: list[Any] = [order, [str(self.status[pk]) for pk in order]]
            columns += [[self.verdicts[pk] for pk in order], [self.at[pk] for pk in order]]
            with connection.cursor() as cursor:
                cursor.execute(JUDGED, columns)
        self.filed.made["verdict"] += self.verdicts.total()


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


def finding(review: Review) -> Finding:
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


def evidence(cited: Citation, among: Sequence[Citation]) -> Found:
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
