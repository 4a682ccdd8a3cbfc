"""A list of claims in hand-written SQL: what the peers on asyncpg read a page by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

SIZE = 25  # claims a page

# Filters by the expression that they ask of; `{}` is the parameter.
OF_CLAIM = {
    "kind": "c.kind = {}",
    "status": "c.status = {}",
    "speaker": "c.speaker_id = {}",
    "subject": "c.subject = {}",
    "property": "c.property = {}",
    "changed_after": "c.changed_at >= {}",
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
    """The FROM, WHERE and ORDER BY of a page; `params` belong to $1, $2 and so on."""

    tables: str = "claims_claim c"
    conditions: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)
    columns: tuple[str, str] = ("c.created_at", "c.id")
    descending: bool = True

    def bind(self, value: Any) -> str:
        self.params.append(value)
        return f"${len(self.params)}"

    def sql(self, selected: str, *, limit: int = SIZE + 1) -> str:
        direction = "DESC" if self.descending else "ASC"
        order = ", ".join(f"{column} {direction}" for column in self.columns)
        where = f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        return f"SELECT {selected} FROM {self.tables} {where} ORDER BY {order} LIMIT {limit}"


def listing(query: Mapping[str, str]) -> Listing:
    """query: filters, `ordering`, and `cursor`: instant and id of the row to go on after."""
    asked = {name: TYPES.get(name, str)(value) for name, value in query.items() if value}
    page = Listing()
    through_placements(page, asked)
    through_verdicts(page, asked)
    for name, condition in OF_CLAIM.items():
        if name in asked:
            page.conditions.append(condition.format(page.bind(asked[name])))
    if "language" in asked:
        exact, longer = page.bind(asked["language"]), page.bind(asked["language"] + "-%")
        page.conditions.append(f"(c.language = {exact} OR c.language LIKE {longer})")
    if "has_verdict" in asked:
        sign = "<>" if asked["has_verdict"] == "true" else "="
        page.conditions.append(f"c.status {sign} 'unverified'")
    filed_at = page.columns[0]
    if "created_after" in asked:
        page.conditions.append(f"{filed_at} >= {page.bind(asked['created_after'])}")
    if "created_before" in asked:
        page.conditions.append(f"{filed_at} <= {page.bind(asked['created_before'])}")
    ordering = asked.get("ordering", "-created_at")
    page.descending = ordering.startswith("-")
    if ordering.removeprefix("-") == "changed_at":
        page.columns = ("c.changed_at", "c.id")
    if "cursor" in asked:
        at, pk = asked["cursor"].split(",")
        value, last = page.bind(datetime.fromisoformat(at)), page.bind(UUID(pk))
        sign = "<" if page.descending else ">"
        page.conditions.append(f"({', '.join(page.columns)}) {sign} ({value}, {last})")
    return page


def through_placements(page: Listing, asked: Mapping[str, Any]) -> None:
    """Claims by where they appear: read off the placements, which are in the list's order."""
    bound = {name: page.bind(asked[name]) for name in OF_PLACEMENT if name in asked}
    if not bound:
        return

    def conditions(row: str) -> list[str]:
        found = [OF_PLACEMENT[name].format(value, row=row) for name, value in bound.items()]
        if {"published_after", "published_before"} <= set(bound):
            # It follows, and tells PostgreSQL that the range is narrow.
            found.append(f"{row}.published_from <= {bound['published_before']}")
        return found

    page.tables += " JOIN claims_placement p ON p.claim_id = c.id"
    page.columns = ("p.claim_created_at", "p.claim_id")
    page.conditions += conditions("p")
    if "article" not in bound:  # a claim that is in several such articles is listed once
        earlier = ["e.claim_id = c.id", "e.article_id < p.article_id", *conditions("e")]
        page.conditions.append(
            f"NOT EXISTS (SELECT FROM claims_placement e WHERE {' AND '.join(earlier)})"
        )


def through_verdicts(page: Listing, asked: Mapping[str, Any]) -> None:
    """Claims by a verdict that stands."""
    bound = {name: page.bind(asked[name]) for name in OF_VERDICT if name in asked}
    if not bound:
        return

    def tip(row: str) -> list[str]:
        found = [OF_VERDICT[name].format(value, row=row) for name, value in bound.items()]
        return [
            *found,
            f"NOT EXISTS (SELECT FROM claims_verdict l WHERE l.supersedes_id = {row}.id)",
        ]

    page.tables += " JOIN claims_verdict v ON v.claim_id = c.id"
    if page.columns == ("c.created_at", "c.id"):
        page.columns = ("v.claim_created_at", "v.claim_id")
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
