"""What two desks did, kept in plain Python: by this the server's record is judged.

Nothing of the server is imported here. Ids and instants are taken from its answers; what follows
from them (what stands, a status, who is next, every figure) is reckoned by the rules that the
documentation tells.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any

from tests.rules import rule_of_claim, rule_of_draft

DAY = 86_400
PRIORITIES = {"low": -30, "normal": 0, "high": 30, "urgent": 365}
FOUND = ("verified", "disputed", "inconclusive")
STATUSES = ("unverified", *FOUND, "contested")
OUTCOMES = (*FOUND, "withdrawn")
ALIVE = ("open", "returned")
ROLES = ("reader", "checker", "editor", "admin")
# Of these a desk's own members alone are told who did it; what it was, those who are at least this.
OWN_BUSINESS = {"draft": "reader", "member": "reader", "invitation": "admin", "api_key": "admin"}


@dataclass
class Member:
    id: str
    name: str
    role: str
    desk: "Desk"
    left: bool = False

    @property
    def judges(self) -> bool:
        return not self.left and self.role != "reader"

    @property
    def edits(self) -> bool:
        return not self.left and self.role in ("editor", "admin")


@dataclass
class Desk:
    """scale: what it rates by now, as it was sent; none: labels are free text."""

    id: str
    name: str
    policy: str = "none"
    scale: tuple[dict[str, Any], ...] = ()

    def labels(self, outcome: str) -> list[str]:
        """In all languages: those of the scale for an outcome."""
        its = [it for it in self.scale if it["outcome"] == outcome]
        return [label for it in its for label in it["labels"].values()]

    def rating(self, label: str | None) -> dict[str, Any] | None:
        """What a label says on the scale as it is now."""
        numbers = ("worst", "best", "value")
        for it in self.scale:
            if label in it["labels"].values():
                return {"labels": it["labels"]} | {name: it.get(name) for name in numbers}
        return None

    @property
    def named(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name}


@dataclass
class Verdict:
    id: str
    desk: Desk
    outcome: str
    at: datetime
    by: str
    confirmed_by: str | None
    supersedes: str | None
    rationale: str
    label: str | None = None
    rating: dict[str, Any] | None = None


@dataclass
class Claim:
    """first_day: on which it appeared first, where that is known. carried_by: publishers."""

    id: str
    text: str
    filed_at: datetime
    first_day: date | None = None
    appears: int = 0
    carried_by: set[str] = field(default_factory=set)
    verdicts: list[Verdict] = field(default_factory=list)

    def appeared(self, publisher: str, published: str) -> None:
        """In one more article; published: a day or a month."""
        self.appears += 1
        self.carried_by.add(publisher)
        if len(published) == 10:
            day = date.fromisoformat(published)
            self.first_day = min(day, self.first_day or day)

    def tip(self, desk: Desk) -> Verdict | None:
        return next((it for it in reversed(self.verdicts) if it.desk is desk), None)

    def of(self, desk: Desk) -> Verdict | None:
        """What stands of an organization."""
        tip = self.tip(desk)
        return None if tip is None or tip.outcome == "withdrawn" else tip

    @property
    def standing(self) -> list[Verdict]:
        return [it for it in self.verdicts if self.of(it.desk) is it]

    @property
    def status(self) -> str:
        found = {it.outcome for it in self.standing}
        if not found:
            return "unverified"
        decided = found - {"inconclusive"}
        if len(decided) > 1:
            return "contested"
        return decided.pop() if decided else "inconclusive"

    @property
    def disagreement(self) -> Any:
        if self.status != "contested":
            return None
        return {
            side: [it.desk.named for it in self.standing if it.outcome == side]
            for side in ("verified", "disputed")
        }

    def rule(self, move: str, by: Member, *, drafted: bool) -> str | None:
        stands = self.of(by.desk) is not None
        return rule_of_claim(move, by.role, by.desk.policy, stands=stands, drafted=drafted)


@dataclass
class Draft:
    """steps: what was done to it, and by whom."""

    id: str
    claim: Claim
    author: Member
    outcome: str
    rationale: str
    state: str = "open"
    steps: list[tuple[str, str]] = field(default_factory=list)
    verdict: str | None = None

    @property
    def desk(self) -> Desk:
        return self.author.desk

    def rule(self, move: str, by: Member) -> str | None:
        hollow = self.outcome == "withdrawn" and self.claim.of(self.desk) is None
        return rule_of_draft(
            move,
            by.role,
            self.desk.policy,
            self.state,
            own=by is self.author,
            orphaned=self.author.left,
            hollow=hollow,
        )


@dataclass
class Item:
    """Of a desk's queue. asked: who put it in, and who asked once more. contests: that are open.

    judged: whether a verdict has come since somebody last asked for one.
    """

    id: str
    claim: Claim
    desk: Desk
    queued_at: datetime
    due_at: datetime | None
    asked: list[Member]
    priority: str = "normal"
    assignee: Member | None = None
    verdict: str | None = None
    dropped: bool = False
    contests: int = 0
    judged: bool = False

    @property
    def is_open(self) -> bool:
        return self.verdict is None and not self.dropped

    @property
    def state(self) -> str:
        if self.verdict is not None:
            return "done"
        if self.dropped:
            return "dropped"
        return "waiting" if self.assignee is None else "assigned"

    @property
    def place(self) -> tuple[int, str]:
        """The lowest is next: when it would have been queued, were its age all that counts."""
        queued = at = round(self.queued_at.timestamp())
        if self.due_at is not None:
            at -= max(0, queued - (round(self.due_at.timestamp()) - 30 * DAY))
        at -= min(30, 3 * max(0, len(self.claim.carried_by) - 1)) * DAY
        at -= min(10, max(0, self.claim.appears - 1)) * DAY
        at -= min(28, 7 * max(0, len(self.asked) - 1)) * DAY
        at -= min(90, 30 * self.contests) * DAY
        at -= PRIORITIES[self.priority] * DAY
        return at, self.id


@dataclass(frozen=True)
class Happened:
    """What the feed is to tell. desk, by: ids."""

    type: str
    subject: str
    desk: str | None
    by: str | None
    claim: str | None = None
    status: str | None = None
    outcome: str | None = None

    @property
    def least(self) -> str | None:
        return OWN_BUSINESS.get(self.type.partition(".")[0])

    def names_who(self, to: Member | None) -> bool:
        return self.least is None or (to is not None and to.desk.id == self.desk)

    def says_what(self, to: Member | None) -> bool:
        if self.least is None or to is None:
            return self.least is None
        return self.names_who(to) and ROLES.index(to.role) >= ROLES.index(self.least)


@dataclass
class Ledger:
    """happened: in order; what is in one set happened at once, each in an order of its own."""

    claims: dict[str, Claim] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    happened: list[list[list[Happened]]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    # The verdicts by which contests were answered.
    answers: set[str] = field(default_factory=set)

    def tell(self, *changes: Happened) -> None:
        """What one request did."""
        self.happened.append([[*changes]])

    def tell_at_once(self, *requests: list[Happened]) -> None:
        self.happened.append([it for it in requests if it])

    def drafted(self, claim: Claim, desk: Desk) -> Draft | None:
        """The draft of an organization that is alive."""
        alive = (it for it in self.drafts.values() if it.claim is claim and it.desk is desk)
        return next((it for it in alive if it.state in ALIVE), None)

    def judged(self, claim: Claim, verdict: Verdict) -> Happened:
        """A verdict that was issued: it closes what waits for it, where nothing is contested."""
        claim.verdicts.append(verdict)
        if verdict.outcome != "withdrawn":
            for item in self.items.values():
                if item.claim is claim and item.desk is verdict.desk and item.is_open:
                    item.judged = True
                    item.verdict = None if item.contests else verdict.id
        withdrawn = verdict.outcome == "withdrawn"
        return Happened(
            "verdict.withdrawn" if withdrawn else "verdict.issued",
            verdict.id,
            verdict.desk.id,
            verdict.by,
            claim.id,
            claim.status,
            verdict.outcome,
        )

    def queue(self, desk: Desk) -> list[Item]:
        """What is open, the first to be judged first."""
        items = [it for it in self.items.values() if it.desk is desk and it.is_open]
        return sorted(items, key=lambda it: it.place)

    def waiting(self, desk: Desk) -> list[Item]:
        return [it for it in self.queue(desk) if it.assignee is None]

    def corrections(self) -> set[str]:
        """The verdicts that say otherwise than the one before them, or answer a contest."""
        found = {it.id: (it.outcome, it.label) for it in self.verdicts()}
        return self.answers | {
            it.id
            for it in self.verdicts()
            if it.supersedes is not None and found[it.supersedes] != found[it.id]
        }

    # Figures

    def statuses(self) -> dict[str, int]:
        found = Counter(it.status for it in self.claims.values())
        return {status: found[status] for status in STATUSES}

    def statuses_by_desk(self) -> dict[str, dict[str, int]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for claim in self.claims.values():
            for verdict in claim.standing:
                found[verdict.desk.id][claim.status] += 1
        return {desk: {status: its[status] for status in STATUSES} for desk, its in found.items()}

    def verdicts(self) -> Iterator[Verdict]:
        for claim in self.claims.values():
            yield from claim.verdicts

    def outcomes(self, by: str | None = None) -> dict[Any, dict[str, int]]:
        """By nothing (None), `desk` or `checker`."""
        found: dict[Any, Counter[str]] = defaultdict(Counter)
        for it in self.verdicts():
            key = {None: None, "desk": it.desk.id, "checker": it.by}[by]
            found[key][it.outcome] += 1
        return {key: {name: its[name] for name in OUTCOMES} for key, its in found.items()}

    def times(self, desk: Desk | None = None) -> dict[str, list[float]]:
        """How many seconds first verdicts took: of an organization, or of all."""
        found: dict[str, list[float]] = {"from_filing": [], "from_appearance": []}
        for claim in self.claims.values():
            first = next((it for it in claim.verdicts if desk in (None, it.desk)), None)
            if first is None:
                continue
            found["from_filing"].append((first.at - claim.filed_at).total_seconds())
            if claim.first_day is not None:
                day = datetime.combine(claim.first_day, time.min, tzinfo=UTC)
                found["from_appearance"].append((first.at - day) / timedelta(seconds=1))
        return found

    def table(self, one: Desk, other: Desk) -> list[list[int]]:
        """What one found, and what the other did, where verdicts of both stand."""
        cells: Counter[tuple[str, str]] = Counter()
        for claim in self.claims.values():
            first, second = claim.of(one), claim.of(other)
            if first is not None and second is not None:
                cells[first.outcome, second.outcome] += 1
        return [[cells[a, b] for b in FOUND] for a in FOUND]

    def fleiss(self) -> tuple[int, float, float]:
        """Cases, observed and expected agreement."""
        rated = [Counter(v.outcome for v in it.standing) for it in self.claims.values()]
        rated = [it for it in rated if it.total() > 1]
        agreeing = []
        for its in rated:
            pairs = list(combinations(its.elements(), 2))
            agreeing.append(sum(a == b for a, b in pairs) / len(pairs))
        every: Counter[str] = sum(rated, Counter())
        expected = sum((number / every.total()) ** 2 for number in every.values())
        return len(rated), statistics.mean(agreeing), expected


def cohen(table: list[list[int]]) -> tuple[int, float, float]:
    """Cases, observed and expected agreement."""
    cases = sum(map(sum, table))
    observed = sum(table[i][i] for i in range(len(table))) / cases
    rows, columns = [sum(it) for it in table], [sum(it) for it in zip(*table, strict=True)]
    expected = sum(a * b for a, b in zip(rows, columns, strict=True)) / cases**2
    return cases, observed, expected


def kappa(observed: float, expected: float) -> float | None:
    return None if expected == 1 else (observed - expected) / (1 - expected)


def spread(values: list[float]) -> tuple[int, float | None, float | None]:
    """How many, their median, and what nine of ten are below, on the line between two."""
    if not values:
        return 0, None, None
    ordered = sorted(values)
    place = 0.9 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    p90 = ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return len(ordered), statistics.median(ordered), p90
