"""The week so far: who is there, by what they ask, and what was reckoned of it."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.live import Answer, Server
from tests.waiting import until
from tests.week.browser import Browser
from tests.week.ledger import Claim, Desk, Happened, Ledger, Member

# What says no by no rule of the table: status and type.
WITHOUT_RULE = {
    "not-there": (404, "not-found"),
    "no-member": (401, "not-authenticated"),
    "unread": (428, "precondition-required"),
    "stale": (412, "precondition-failed"),
}
# And what does: by which rules alone, where these have no other type.
BY_RULE: dict[tuple[int, str], set[str] | None] = {
    (403, "forbidden"): {"role", "its-own-editors"},
    (409, "duplicate"): {"one-draft"},
    (409, "label-not-on-scale"): {"label-not-on-scale"},
    (409, "nothing-waits"): {"nothing-waits"},
    (409, "invitation-refused"): {"invitation-is-over"},
    (409, "verdict-refused"): None,
    (409, "draft-refused"): None,
    (409, "contest-refused"): None,
    (409, "queue-refused"): None,
}


@dataclass
class Week:
    server: Server
    seed: int = 1
    reckoned: Ledger = field(default_factory=Ledger)
    desks: list[Desk] = field(default_factory=list)
    people: list[Member] = field(default_factory=list)
    browsers: dict[str, Browser] = field(default_factory=dict)
    publishers: list[str] = field(default_factory=list)
    day: int = 0
    # The number of the log at the end of each day, and how each claim stood then.
    evenings: dict[int, dict[str, str]] = field(default_factory=dict)
    # An entity tag of each claim, and how many verdicts it had then.
    tags: dict[str, tuple[str, int]] = field(default_factory=dict)
    # In texts that a desk wrote for itself alone: by them they are found wherever they are told.
    marks: dict[str, Desk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers = itertools.count()
        self.chance = random.Random(self.seed)
        self.anyone = Browser(self.server)
        self.begins_after = self.head()

    def head(self) -> int:
        found: int = self.anyone.read("/changes/?page_size=1")["head"]
        return found

    def of(self, member: Member) -> Browser:
        return self.browsers[member.id]

    def tell(self, by: Member, type: str, subject: str) -> None:
        self.reckoned.tell(Happened(type, subject, by.desk.id, by.id))

    def refused(self, answer: Answer, rule: str, by: Member) -> None:
        """By this rule, named in the problem document; or as what is not there, or unread."""
        document = answer.json
        told = rule, document, by.name
        kind = answer.status, document["type"].removeprefix("/problems/")
        if rule in WITHOUT_RULE:
            assert kind == WITHOUT_RULE[rule], told
        else:
            assert document["rule"] == rule, told
            assert kind in BY_RULE, told
            assert BY_RULE[kind] is None or rule in BY_RULE[kind], told
            Browser.refusals.remove(answer)
        self.reckoned.refused[rule] += 1

    def says(self, kind: str, desk: Desk) -> str:
        """A text of a desk's own, marked so that it is found wherever somebody is told it."""
        mark = f"⟦{kind} {next(self.numbers)}⟧"
        self.marks[mark] = desk
        return f"As we see it. {mark}"

    def any_claim(self) -> Claim:
        """The newer ones rather, but each."""
        claims = list(self.reckoned.claims.values())
        newer = claims[-12:]
        return self.chance.choice(newer if self.chance.random() < 0.7 else claims)

    def asks(self, by: Member, path: str, body: Any = None, **headers: str) -> Callable[[], Answer]:
        return lambda: self.of(by).post(path, body, **headers)

    def somebody(self, desk: Desk, *roles: str) -> Member:
        return next(
            it for it in self.people if it.desk is desk and it.role in roles and not it.left
        )

    def colleagues(self, desk: Desk) -> list[Member]:
        """Two who may judge, and an editor who is neither."""
        judges = [it for it in self.people if it.desk is desk and it.judges]
        others = [it for it in judges if it.role != "editor"]
        return [*others[:2], self.somebody(desk, "editor")]

    def other(self, desk: Desk) -> Desk:
        return next(it for it in self.desks if it is not desk)

    def count(self) -> int:
        """How many changes there must have been."""
        return sum(len(it) for requests in self.reckoned.happened for it in requests)

    def settled(self) -> int:
        """The highest number, when everything has one."""
        last = self.begins_after + self.count()
        until(lambda: self.head() >= last, lambda: f"{self.head()} of {last} changes")
        assert self.head() == last
        return last

    def close(self) -> None:
        while Browser.opened:
            Browser.opened.pop().close()
        Browser.refusals.clear()
