"""Statistics once more, row by row in plain Python: by what those of `stats/` are judged."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from claims.models import Appearance, Claim, Draft, DraftStep, Verdict

OUTCOMES = ["verified", "disputed", "inconclusive", "withdrawn"]
STATUSES = ["unverified", "verified", "disputed", "inconclusive", "contested"]


@dataclass
class Found:
    """A verdict. first, last: of its chain."""

    claim: "Row"
    organization: str
    outcome: str
    at: datetime
    checker: str | None
    first: bool
    last: bool
    external: bool

    @property
    def stands(self) -> bool:
        return self.last and self.outcome != "withdrawn"


@dataclass
class Row:
    """A claim with all that it is counted by. places: publisher, article, first and last day."""

    claim: Claim
    places: set[tuple[str, str, date | None, date | None]] = field(default_factory=set)
    verdicts: list[Found] = field(default_factory=list)

    @property
    def status(self) -> str:
        found = {it.outcome for it in self.verdicts if it.stands}
        if not found:
            return "unverified"
        decided = found - {"inconclusive"}
        return "contested" if len(decided) > 1 else decided.pop() if decided else "inconclusive"


def rows() -> list[Row]:
    its = {claim.pk: Row(claim) for claim in Claim.objects.all()}
    for place in Appearance.objects.select_related("article"):
        article = place.article
        days = article.published_from, article.published_to
        its[place.claim_id].places.add((str(article.publisher_id), str(article.pk), *days))
    superseded = set(Verdict.objects.values_list("supersedes_id", flat=True))
    for verdict in Verdict.objects.select_related("organization"):
        row = its[verdict.claim_id]
        row.verdicts.append(
            Found(
                row,
                str(verdict.organization_id),
                verdict.outcome,
                verdict.issued_at,
                verdict.issued_by_id and str(verdict.issued_by_id),
                first=verdict.supersedes_id is None,
                last=verdict.pk not in superseded,
                external=verdict.organization.external_site is not None,
            )
        )
    return list(its.values())


@dataclass
class Drafted:
    """A draft. returned: whether it ever was."""

    draft: Draft
    organization: str
    returned: bool


def drafted() -> list[Drafted]:
    returned = {it.draft_id for it in DraftStep.objects.all() if it.type == "returned"}
    return [Drafted(it, str(it.organization_id), it.pk in returned) for it in Draft.objects.all()]


def day_after(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(1), time.min, tzinfo=UTC)


OF_CLAIM: dict[str, Callable[[Row, str], bool]] = {
    "kind": lambda row, it: row.claim.kind == it,
    "status": lambda row, it: row.status == it,
    "language": lambda row, it: f"{row.claim.language}-".startswith(f"{it}-"),
    "speaker": lambda row, it: str(row.claim.speaker_id) == it,
    "subject": lambda row, it: row.claim.subject == it,
    "property": lambda row, it: row.claim.property == it,
    "has_verdict": lambda row, it: (row.status != "unverified") == (it == "true"),
    "created_after": lambda row, it: row.claim.created_at >= datetime.fromisoformat(it),
    "created_before": lambda row, it: row.claim.created_at <= datetime.fromisoformat(it),
    "changed_after": lambda row, it: row.claim.changed_at >= datetime.fromisoformat(it),
}
OF_PLACE: dict[str, Callable[[Any, str], bool]] = {
    "publisher": lambda place, it: place[0] == it,
    "article": lambda place, it: place[1] == it,
    "published_after": lambda place, it: place[2] is not None and place[2].isoformat() >= it,
    "published_before": lambda place, it: place[3] is not None and place[3].isoformat() <= it,
}
OF_VERDICT: dict[str, Callable[[Found, str], bool]] = {
    "organization": lambda verdict, it: verdict.organization == it,
    "outcome": lambda verdict, it: verdict.outcome == it,
}
JUDGING = {"status", "has_verdict", "organization", "outcome"}


@dataclass
class RowByRow:
    """Of these rows, by these filters, in a time zone; since, until: days."""

    rows: list[Row]
    filters: dict[str, str]
    since: str | None = None
    until: str | None = None
    zone: str = "UTC"

    def places(self, row: Row) -> list[Any]:
        asked = {name: it for name, it in self.filters.items() if name in OF_PLACE}
        return [p for p in row.places if all(OF_PLACE[name](p, it) for name, it in asked.items())]

    def judging(self, row: Row) -> list[Found]:
        withdrawals = "outcome" in self.filters
        its = [it for it in row.verdicts if it.last and (it.stands or withdrawals)]
        return [it for it in its if self.is_by_whom(it)]

    def is_by_whom(self, verdict: Found) -> bool:
        asked = {name: it for name, it in self.filters.items() if name in OF_VERDICT}
        return all(OF_VERDICT[name](verdict, it) for name, it in asked.items())

    def is_asked(self, row: Row) -> bool:
        """Whether a claim is, where it is claims that are counted: as the list of claims has it."""
        return self.is_asked_whoever_judged(row) and (
            not self.filters.keys() & OF_VERDICT.keys() or bool(self.judging(row))
        )

    def is_asked_whoever_judged(self, row: Row) -> bool:
        """Whether its verdicts are counted, where they are what is asked for themselves."""
        asked = self.filters
        return all(OF_CLAIM[name](row, it) for name, it in asked.items() if name in OF_CLAIM) and (
            not asked.keys() & OF_PLACE.keys() or bool(self.places(row))
        )

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def is_in_period(self, at: datetime) -> bool:
        day = self.day(at).isoformat()
        return (self.since or "") <= day <= (self.until or "9")

    @property
    def asked(self) -> list[Row]:
        return [row for row in self.rows if self.is_asked(row)]

    @property
    def filed(self) -> list[Row]:
        return [row for row in self.asked if self.is_in_period(row.claim.created_at)]

    def keys(self, row: Row, by: list[str]) -> set[Any]:
        """The groups that a claim is counted in."""
        if "publisher" in by:
            return {tuple(self.key(row, None, by, place[0])) for place in self.places(row)}
        if {"organization", "outcome"} & {*by}:
            return {tuple(self.key(row, verdict, by)) for verdict in self.judging(row)}
        return {tuple(self.key(row, None, by))}

    def keys_of(self, row: Row, verdict: Found, by: list[str]) -> set[Any]:
        """The groups that a verdict is counted in."""
        return self.keys(row, by) if "publisher" in by else {tuple(self.key(row, verdict, by))}

    @staticmethod
    def key(row: Row, verdict: Found | None, by: list[str], publisher: str = "") -> list[Any]:
        claim = row.claim
        of_claim = {
            "status": row.status,
            "kind": claim.kind,
            "language": claim.language,
            "speaker": claim.speaker_id and str(claim.speaker_id),
            "publisher": publisher,
        }
        return [of_claim[name] if name in of_claim else getattr(verdict, name) for name in by]

    def claims(self, by: list[str]) -> dict[Any, Counter[str]]:
        found: dict[Any, Counter[str]] = defaultdict(Counter)
        for row in self.filed:
            for key in self.keys(row, by):
                found[key][row.status] += 1
        return found

    @property
    def whatever_was_found(self) -> "RowByRow":
        filters = {name: it for name, it in self.filters.items() if name not in JUDGING}
        return replace(self, filters=filters)

    def of_speakers(self, figure: str, by: list[str], own: str | None = None) -> Counter[Any]:
        """Of how many each speaker's are told. by: by what else the figure is told apart."""
        wide = self.whatever_was_found
        if figure == "verdicts":
            found = wide.verdicts(["speaker"], own)
            return Counter({speaker: its.total() for (speaker,), its in found.items()})
        if figure == "times":
            of_each = own is not None or "organization" in {*self.filters, *by}
            its = wide.times(["speaker"], own, of_each=of_each)
            return Counter({speaker: len(it["from_filing"]) for (speaker,), it in its.items()})
        return Counter(row.claim.speaker_id and str(row.claim.speaker_id) for row in wide.filed)

    def waiting(self, by: list[str]) -> dict[Any, list[Row]]:
        """Those on which no verdict stands: where an organization is asked for, none of its own."""
        whose = self.filters.get("organization")
        others = {name: it for name, it in self.filters.items() if name != "organization"}
        its = replace(self, filters=others)
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in its.filed:
            standing = [it.organization for it in row.verdicts if it.stands]
            if not (whose in standing if whose else standing):
                for key in its.keys(row, by):
                    found[key].append(row)
        return found

    def waited(self, at: datetime) -> int:
        """How many of the claims filed in the period were filed before an instant, and were
        waiting then."""
        whose = self.filters.get("organization")
        others = {name: it for name, it in self.filters.items() if name != "organization"}
        filed = [it for it in replace(self, filters=others).filed if it.claim.created_at < at]

        def is_judged(row: Row) -> bool:
            tips: dict[str, str] = {}
            for it in sorted(row.verdicts, key=lambda it: it.at):
                if it.at < at and whose in (None, it.organization):
                    tips[it.organization] = it.outcome
            return any(outcome != "withdrawn" for outcome in tips.values())

        return sum(not is_judged(row) for row in filed)

    def verdicts(self, by: list[str], own: str | None = None) -> dict[Any, Counter[str]]:
        found: dict[Any, Counter[str]] = defaultdict(Counter)
        for row in filter(self.is_asked_whoever_judged, self.rows):
            for it in row.verdicts:
                if (
                    self.is_in_period(it.at)
                    and self.is_by_whom(it)
                    and own in (None, it.organization)
                ):
                    for key in self.keys_of(row, it, by):
                        found[key][it.outcome] += 1
        return found

    def times(
        self, by: list[str], own: str | None = None, *, of_each: bool | None = None
    ) -> dict[Any, dict[str, list[float]]]:
        """from_filing and from_appearance, in seconds, by group.

        of_each: whether the first of each organization counts; None: as it follows from the rest.
        """
        found: dict[Any, Any] = defaultdict(lambda: {"from_filing": [], "from_appearance": []})
        if of_each is None:
            of_each = own is not None or "organization" in self.filters or "organization" in by
        for row in filter(self.is_asked_whoever_judged, self.rows):
            firsts = [it for it in row.verdicts if not it.external]
            if of_each:
                firsts = [it for it in firsts if it.first and own in (None, it.organization)]
            else:
                firsts = sorted(firsts, key=lambda it: (it.at, it.organization))[:1]
            firsts = [it for it in firsts if self.is_by_whom(it)]
            days = [place[2] for place in row.places if place[2] and place[2] == place[3]]
            for it in firsts:
                if not self.is_in_period(it.at):
                    continue
                for key in self.keys_of(row, it, by):
                    filing = (it.at - row.claim.created_at).total_seconds()
                    found[key]["from_filing"].append(filing)
                    if days:
                        day = datetime.combine(min(days), time.min, tzinfo=UTC)
                        found[key]["from_appearance"].append((it.at - day).total_seconds())
        return found

    def drafts(self, organization: str) -> list["Drafted"]:
        claims = {row.claim.pk for row in self.rows if self.is_asked_whoever_judged(row)}
        return [
            it
            for it in drafted()
            if it.organization == organization
            and self.filters.get("organization") in (None, organization)
            and self.filters.get("outcome") in (None, it.draft.outcome)
            and it.draft.claim_id in claims
            and self.is_in_period(it.draft.created_at)
        ]

    def pairs(self) -> dict[frozenset[str], list[tuple[str, str]]]:
        """What each two organizations found where both verdicts stand, the lower id first."""
        found: dict[frozenset[str], list[tuple[str, str]]] = defaultdict(list)
        for row in self.filed:
            standing = sorted((it.organization, it.outcome) for it in row.verdicts if it.stands)
            for (one, first), (other, second) in combinations(standing, 2):
                found[frozenset((one, other))].append((first, second))
        return found

    def ratings(self) -> list[Counter[str]]:
        its = [Counter(it.outcome for it in row.verdicts if it.stands) for row in self.filed]
        return [it for it in its if it.total() > 1]


def median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def p90(values: list[float]) -> float | None:
    if not values:
        return None
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=10, method="inclusive")[-1]
