"""A list of claims in hand-written SQL: what the peers on asyncpg read a page by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

SIZE = 25  # claims a page

ALL = UUID(int=0)  # what every claim is listed under

# Filters by the expression that they ask of; `{}` is the parameter.
OF_CLAIM = {
    "kind": "c.kind = {}",
    "speaker": "c.speaker_id = {}",
    "subject": "c.subject = {}",
    "property": "c.property = {}",
}
OF_PLACEMENT = {
    "article": "{row}.article_id = {}",
    "publisher": "{row}.publisher_id = {}",
    "published_after": "{row}.published_from >= {}",
    "published_before": "{row}.published_to <= {}",
}
OF_VERDICT = {"organization": "{row}.organization_id = {}", "outcome": "{row}.outcome = {}"}
TYPES = {
    "speaker": UUID,
    "article": UUID,
    "publisher": UUID,
    "organization": UUID,
    "changed_after": datetime.fromisoformat,
    "created_after": datetime.fromisoformat,
    "created_before": datetime.fromisoformat,
    "published_after": date.fromisoformat,
    "published_before": date.fromisoformat,
}


@dataclass
class Listing:
    """The FROM, WHERE and ORDER BY of a page; `params` belong to $1, $2 and so on.

    filed: time and id of a claim in the rows that the list is read off.
    """

    tables: str = "claims_claim c"
    conditions: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)
    filed: tuple[str, str] = ("c.created_at", "c.id")
    by_change: bool = False
    descending: bool = True

    @property
    def columns(self) -> tuple[str, str]:
        return ("s.changed_at", "s.claim_id") if self.by_change else self.filed

    def bind(self, value: Any) -> str:
        self.params.append(value)
        return f"${len(self.params)}"

    def read_off(self, table: str, row: str) -> None:
        self.tables += f" JOIN {table} {row} ON {row}.claim_id = c.id"
        if self.filed[0] == "c.created_at":
            self.filed = (f"{row}.claim_created_at", f"{row}.claim_id")

    def sql(self, selected: str, *, limit: int = SIZE + 1) -> str:
        direction = "DESC" if self.descending else "ASC"
        order = ", ".join(f"{column} {direction}" for column in self.columns)
        where = f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        return f"SELECT {selected} FROM {self.tables} {where} ORDER BY {order} LIMIT {limit}"


def listing(query: Mapping[str, str]) -> Listing:
    """query: filters, `ordering`, and `cursor`: instant and id of the row to go on after."""
    asked = {name: TYPES.get(name, str)(value) for name, value in query.items() if value}
    ordering = asked.get("ordering", "-created_at")
    page = Listing(
        by_change=ordering.removeprefix("-") == "changed_at", descending=ordering.startswith("-")
    )
    through_other_tables(page, asked)
    for name, condition in OF_CLAIM.items():
        if name in asked:
            page.conditions.append(condition.format(page.bind(asked[name])))
    if "language" in asked:
        exact, longer = page.bind(asked["language"]), page.bind(asked["language"] + "-%")
        page.conditions.append(f"(c.language = {exact} OR c.language LIKE {longer})")
    filed_at = page.filed[0]
    if "created_after" in asked:
        page.conditions.append(f"{filed_at} >= {page.bind(asked['created_after'])}")
    if "created_before" in asked:
        page.conditions.append(f"{filed_at} <= {page.bind(asked['created_before'])}")
    if "cursor" in asked:
        at, pk = asked["cursor"].split(",")
        value, last = page.bind(datetime.fromisoformat(at)), page.bind(UUID(pk))
        sign = "<" if page.descending else ">"
        page.conditions.append(f"({', '.join(page.columns)}) {sign} ({value}, {last})")
    return page


def through_other_tables(page: Listing, asked: Mapping[str, Any]) -> None:
    """What is asked of appearances, verdicts, and what verdicts change."""
    placed = {name: page.bind(asked[name]) for name in OF_PLACEMENT if name in asked}
    judged = {name: page.bind(asked[name]) for name in OF_VERDICT if name in asked}
    of_changes = page.by_change or "changed_after" in asked
    under = f"'{ALL}'"
    if of_changes and "publisher" in placed:
        under = placed["publisher"]
    elif of_changes and judged.keys() == {"organization"}:
        under = judged["organization"]
    # In the order of changes, who says it all is asked by the listings under them.
    if not (page.by_change and placed.keys() == {"publisher"}):
        through_placements(page, placed)
        if "publisher" in placed and "organization" in judged:
            in_common_times(page, placed["publisher"], judged["organization"])
    if not (page.by_change and not placed and judged.keys() == {"organization"}):
        through_verdicts(page, judged)
    of_state = "status" in asked or "has_verdict" in asked
    if of_changes or (of_state and not placed and not judged):
        page.read_off("claims_listing", "s")
        page.conditions.append(f"s.under = {under}")
        in_state(page, asked, "s")
    else:
        in_state(page, asked, "c")


def in_state(page: Listing, asked: Mapping[str, Any], row: str) -> None:
    if "status" in asked:
        page.conditions.append(f"{row}.status = {page.bind(asked['status'])}")
    if "has_verdict" in asked:
        sign = "<>" if asked["has_verdict"] == "true" else "="
        page.conditions.append(f"{row}.status {sign} 'unverified'")
    if "changed_after" in asked:
        page.conditions.append(f"{row}.changed_at >= {page.bind(asked['changed_after'])}")


def in_common_times(page: Listing, publisher: str, organization: str) -> None:
    """Nothing, without a look at any claim, where the one fell silent before the other began."""
    placed = f"FROM claims_placement WHERE publisher_id = {publisher}"
    judged = f"FROM claims_verdict WHERE organization_id = {organization}"
    time = "claim_created_at"
    page.conditions += [
        f"(SELECT min({time}) {judged}) <= (SELECT max({time}) {placed})",
        f"(SELECT min({time}) {placed}) <= (SELECT max({time}) {judged})",
    ]


def through_placements(page: Listing, bound: Mapping[str, str]) -> None:
    """Claims by where they appear: read off the placements, which are in the list's order."""
    if not bound:
        return

    def conditions(row: str) -> list[str]:
        found = [OF_PLACEMENT[name].format(value, row=row) for name, value in bound.items()]
        if {"published_after", "published_before"} <= set(bound):
            # It follows, and tells PostgreSQL that the range is narrow.
            found.append(f"{row}.published_from <= {bound['published_before']}")
        return found

    page.read_off("claims_placement", "p")
    page.conditions += conditions("p")
    if "article" not in bound:  # a claim that is in several such articles is listed once
        earlier = ["e.claim_id = c.id", "e.article_id < p.article_id", *conditions("e")]
        page.conditions.append(
            f"NOT EXISTS (SELECT FROM claims_placement e WHERE {' AND '.join(earlier)})"
        )


def through_verdicts(page: Listing, bound: Mapping[str, str]) -> None:
    """Claims by a verdict that stands."""
    if not bound:
        return

    def tip(row: str) -> list[str]:
        found = [OF_VERDICT[name].format(value, row=row) for name, value in bound.items()]
        return [
            *found,
            f"NOT EXISTS (SELECT FROM claims_verdict l WHERE l.supersedes_id = {row}.id)",
        ]

    page.read_off("claims_verdict", "v")
    page.conditions += tip("v")
    if "outcome" not in bound:
        page.conditions.append("v.outcome <> 'withdrawn'")
    if "organization" not in bound:  # which has one tip on a claim
        earlier = ["e.claim_id = c.id", "e.id < v.id", *tip("e")]
        page.conditions.append(
            f"NOT EXISTS (SELECT FROM claims_verdict e WHERE {' AND '.join(earlier)})"
        )


def next_link(query: Mapping[str, str], at: datetime, pk: UUID) -> str:
    return "/api/v1/claims/?" + urlencode({**query, "cursor": f"{at.isoformat()},{pk}"})
