"""django-ninja: schemas over the ORM with everything prefetched, keyset pages, orjson."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.wsgi import get_wsgi_application

from tests.benchmarks.peers.one_file import set_up

set_up(__name__, apps=[])

from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery  # noqa: E402  (settings)
from django.db.models.lookups import LessThanOrEqual  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from ninja import NinjaAPI, Schema  # noqa: E402
from ninja.renderers import BaseRenderer  # noqa: E402

from claims.models import (  # noqa: E402
    ALL,
    Anchor,
    Appearance,
    Assertion,
    Change,
    Claim,
    Evidence,
    LogEntry,
    Placement,
    Relay,
    Verdict,
)
from tests.benchmarks.peers.listing import SIZE, TYPES, next_link  # noqa: E402


class Orjson(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


class Named(Schema):
    id: UUID
    name: str


class FactOut(Schema):
    subject: str
    property: str
    value: str | None
    value_type: str
    unit: str | None
    approximate: bool | None
    lower: str | None
    upper: str | None


class ArticleOut(Schema):
    id: UUID
    headline: str | None
    url: str | None
    date_published: str | None
    publisher: Named


class CurrentOut(Schema):
    snapshot: UUID
    start: int | None
    end: int | None


class AppearanceOut(Schema):
    id: UUID
    snapshot: UUID | None
    exact: str | None
    prefix: str | None
    suffix: str | None
    start: int | None
    end: int | None
    anchor: str
    current: CurrentOut | None
    relayed_by: list[Named]

    @staticmethod
    def resolve_snapshot(row: Appearance) -> UUID | None:
        return row.snapshot_id

    @staticmethod
    def resolve_anchor(row: Appearance) -> str:
        if row.last_anchors:
            return row.last_anchors[-1].state
        return "exact" if row.checked else "unchecked"

    @staticmethod
    def resolve_current(row: Appearance) -> dict[str, Any] | None:
        at = row.last_anchors[-1] if row.last_anchors else row
        if at.snapshot_id is None:
            return None
        return {"snapshot": at.snapshot_id, "start": at.start, "end": at.end}

    @staticmethod
    def resolve_relayed_by(row: Appearance) -> list[Any]:
        return [relay.speaker for relay in row.chain]


class EvidenceOut(Schema):
    id: UUID
    url: str
    stance: str
    title: str | None
    quote: str | None
    archive_url: str | None
    derived_from: int | None

    @staticmethod
    def resolve_quote(row: Evidence) -> str | None:
        return row.quote and row.quote.text


class VerdictOut(Schema):
    id: UUID
    claim: UUID
    organization: Named
    outcome: str
    label: str | None
    rationale: str | None
    evidence: list[EvidenceOut]
    supersedes: UUID | None
    url: str | None
    title: str | None
    language: str | None
    date_published: str | None
    issued_by: Named | None
    issued_at: datetime
    number: int | None

    @staticmethod
    def resolve_claim(row: Verdict) -> UUID:
        return row.claim_id

    @staticmethod
    def resolve_rationale(row: Verdict) -> str | None:
        return row.rationale.text

    @staticmethod
    def resolve_evidence(row: Verdict) -> list[Evidence]:
        return row.pieces

    @staticmethod
    def resolve_supersedes(row: Verdict) -> UUID | None:
        return row.supersedes_id


class ClaimOut(Schema):
    id: UUID
    kind: str
    text: str
    language: str
    status: str
    speaker: Named | None
    fact: FactOut | None
    speech: str | None
    asserts: list[UUID]
    stated_on: str | None
    article: ArticleOut | None
    appearance: AppearanceOut | None
    verdicts: list[VerdictOut]
    created_at: datetime
    changed_at: datetime
    number: int | None

    @staticmethod
    def resolve_fact(row: Claim) -> Claim | None:
        return row if row.kind == "fact" else None

    @staticmethod
    def resolve_asserts(row: Claim) -> list[UUID]:
        return [assertion.fact_id for assertion in row.asserted]

    @staticmethod
    def resolve_article(row: Claim) -> Any:
        return row.first[0].article if row.first else None

    @staticmethod
    def resolve_appearance(row: Claim) -> Appearance | None:
        return row.first[0] if row.first else None

    @staticmethod
    def resolve_verdicts(row: Claim) -> list[Verdict]:
        return row.standing


class ChangeOut(Schema):
    number: int
    id: UUID
    type: str
    subject: UUID
    claim: UUID | None
    organization: Named | None
    status: str | None
    language: str | None
    outcome: str | None
    document: dict[str, Any] | None
    before: dict[str, Any] | None
    salts: dict[str, str]
    erased: dict[str, str]
    recorded_by: Named | None
    recorded_at: datetime

    @staticmethod
    def resolve_subject(row: Change) -> UUID:
        return row.subject_id

    @staticmethod
    def resolve_claim(row: Change) -> UUID | None:
        return row.claim_id

    @staticmethod
    def resolve_document(row: Change) -> Any:
        if row.document.text is None:
            return None
        document = orjson.loads(row.document.text)
        if row.verdict is not None:
            document["rationale"] = row.verdict.rationale.text
            for piece, told in zip(row.verdict.pieces, document["evidence"], strict=True):
                told["quote"] = piece.quote and piece.quote.text
        return document

    @staticmethod
    def resolve_before(row: Change) -> Any:
        return row.before and row.before.text and orjson.loads(row.before.text)

    @staticmethod
    def resolve_salts(row: Change) -> dict[str, str]:
        return {name: bytes(text.salt).hex() for name, text in texts(row) if text.salt}

    @staticmethod
    def resolve_erased(row: Change) -> dict[str, str]:
        return {name: bytes(text.sha256).hex() for name, text in texts(row) if text.text is None}


def texts(row: Change) -> list[tuple[str, Any]]:
    """The contents behind a change, by JSON pointer."""
    found = [("/document", row.document)]
    if row.before is not None:
        found.append(("/before", row.before))
    if row.verdict is not None and row.document.text is not None:
        found.append(("/document/rationale", row.verdict.rationale))
        found += [
            (f"/document/evidence/{i}/quote", piece.quote)
            for i, piece in enumerate(row.verdict.pieces)
            if piece.quote is not None
        ]
    return found


class ClaimPage(Schema):
    next: str | None
    previous: str | None = None
    results: list[ClaimOut]


class ChangePage(Schema):
    next: str | None
    previous: str | None = None
    results: list[ChangeOut]


def number(*types: str) -> Subquery:
    entries = LogEntry.objects.filter(change__subject_id=OuterRef("pk"), change__type__in=types)
    return Subquery(entries.values("number")[:1])


def verdicts() -> Any:
    pieces = Evidence.objects.select_related("quote").order_by("position")
    return Verdict.objects.select_related(
        "organization", "issued_by", "rationale"
    ).prefetch_related(Prefetch("evidence", pieces, to_attr="pieces"))


def claims() -> Any:
    relays = Relay.objects.select_related("speaker").order_by("position")
    first = Appearance.objects.filter(position=0).select_related("article__publisher")
    standing = verdicts().annotate(number=number("verdict.issued", "verdict.withdrawn"))
    return (
        Claim.objects.select_related("speaker")
        .annotate(number=number("claim.created"))
        .prefetch_related(
            Prefetch(
                "appearances",
                first.prefetch_related(
                    Prefetch("relays", relays, to_attr="chain"),
                    Prefetch("anchors", Anchor.objects.order_by("position"), "last_anchors"),
                ),
                to_attr="first",
            ),
            Prefetch(
                "verdicts",
                (standing & Verdict.objects.standing()).order_by("issued_at", "id"),
                to_attr="standing",
            ),
            Prefetch("assertions", Assertion.objects.order_by("id"), to_attr="asserted"),
        )
    )


OF_CLAIM = {
    "kind": "kind",
    "speaker": "speaker",
    "subject": "subject",
    "property": "property",
}
OF_PLACEMENT = {
    "article": "article",
    "publisher": "publisher",
    "published_after": "published_from__gte",
    "published_before": "published_to__lte",
}
OF_VERDICT = {"organization": "organization", "outcome": "outcome"}


def filtered(query: Any) -> tuple[Any, str]:
    """A page of claims and one more, and the column that they are ordered by."""
    asked = {name: TYPES.get(name, str)(value) for name, value in query.items() if value}

    def lookups(names: dict[str, str], prefix: str = "") -> dict[str, Any]:
        return {f"{prefix}{it}": asked[name] for name, it in names.items() if name in asked}

    ordering = asked.get("ordering", "-created_at")
    column = ordering.removeprefix("-")
    by_change = column == "changed_at"
    of_changes = by_change or "changed_after" in asked
    placed, judged = lookups(OF_PLACEMENT), lookups(OF_VERDICT)
    if {"published_after", "published_before"} <= set(asked):
        placed["published_from__lte"] = asked["published_before"]
    under = ALL
    if of_changes and "publisher" in placed:
        under = placed["publisher"]
    elif of_changes and judged.keys() == {"organization"}:
        under = judged["organization"]
    # In the order of changes, the listings under them say it all.
    if by_change and placed.keys() == {"publisher"}:
        placed = {}
    elif by_change and not placed and judged.keys() == {"organization"}:
        judged = {}

    rows, through, state = claims(), "", ""
    if placed:
        rows, through = appearing(rows, placed), "placements__"
    if judged:
        rows, through = with_verdict(rows, judged), through or "verdicts__"
    if "publisher" in placed and "organization" in judged:
        rows = in_common_times(rows, placed["publisher"], judged["organization"])
    if of_changes or (not through and {"status", "has_verdict"} & asked.keys()):
        state, through = "listings__", through or "listings__"
        rows = rows.filter(listings__under=under)
    # Aliases refer to the rows that are joined already; a look-up by name may join once more.
    filed = (f"{through}claim_created_at", f"{through}claim") if through else ("created_at", "pk")
    rows = rows.alias(filed_at=F(filed[0]), filed_id=F(filed[1]), its_status=F(f"{state}status"))
    at, pk = "filed_at", "filed_id"
    if of_changes:
        rows = rows.alias(its_change=F("listings__changed_at"), its_id=F("listings__claim"))
    if by_change:
        at, pk = "its_change", "its_id"

    rows = rows.filter(
        **lookups(OF_CLAIM),
        **lookups({"status": "its_status", "changed_after": "its_change__gte"}),
        **lookups({"created_after": "filed_at__gte", "created_before": "filed_at__lte"}),
    )
    if "language" in asked:
        language = asked["language"]
        rows = rows.filter(Q(language=language) | Q(language__startswith=f"{language}-"))
    if "has_verdict" in asked:
        unverified = Q(its_status="unverified")
        rows = rows.filter(~unverified if asked["has_verdict"] == "true" else unverified)
    if "cursor" in asked:
        value, last = asked["cursor"].split(",")
        way = "lt" if ordering.startswith("-") else "gt"
        beyond = Q(**{f"{at}__{way}": value}) | Q(**{f"{pk}__{way}": last})
        rows = rows.filter(beyond, **{f"{at}__{way}e": value})
    sign = "-" if ordering.startswith("-") else ""
    return rows.order_by(f"{sign}{at}", f"{sign}{pk}")[: SIZE + 1], column


def appearing(rows: Any, placed: dict[str, Any]) -> Any:
    """Claims by one placement, which has the order of the list; each claim once."""
    rows = rows.filter(**{f"placements__{name}": value for name, value in placed.items()})
    if "article" in placed:
        return rows
    rows = rows.alias(placed_in=F("placements__article"))
    earlier = Placement.objects.filter(
        claim=OuterRef("pk"), article__lt=OuterRef("placed_in"), **placed
    )
    return rows.filter(~Exists(earlier))


def with_verdict(rows: Any, judged: dict[str, Any]) -> Any:
    """Claims by one verdict that stands, or by a withdrawal where that is asked for."""
    rows = rows.filter(**{f"verdicts__{name}": value for name, value in judged.items()})
    rows = rows.alias(judged_by=F("verdicts__id"), its_outcome=F("verdicts__outcome"))
    if "outcome" not in judged:
        rows = rows.exclude(its_outcome="withdrawn")
    rows = rows.filter(~Exists(Verdict.objects.filter(supersedes=OuterRef("judged_by"))))
    if "organization" in judged:  # which has one tip on a claim
        return rows
    tips = Verdict.objects.tips().filter(**judged)
    return rows.filter(~Exists(tips.filter(claim=OuterRef("pk"), pk__lt=OuterRef("judged_by"))))


def in_common_times(rows: Any, publisher: UUID, organization: UUID) -> Any:
    """Nothing, without a look at any claim, where the one fell silent before the other began."""

    def ends(its: Any) -> tuple[Subquery, Subquery]:
        times = its.values("claim_created_at")
        return (
            Subquery(times.order_by("claim_created_at")[:1]),
            Subquery(times.order_by("-claim_created_at")[:1]),
        )

    placed_first, placed_last = ends(Placement.objects.filter(publisher=publisher))
    judged_first, judged_last = ends(Verdict.objects.filter(organization=organization))
    return rows.filter(
        LessThanOrEqual(judged_first, placed_last), LessThanOrEqual(placed_first, judged_last)
    )


api = NinjaAPI(renderer=Orjson(), openapi_url=None)


@api.get("/claims/", response=ClaimPage)
def listed(request: HttpRequest) -> Any:
    query = request.GET.dict()
    page, column = filtered(query)
    rows = list(page)
    following = None
    if len(rows) > SIZE:
        following = next_link(query, getattr(rows[SIZE - 1], column), rows[SIZE - 1].pk)
    return {"next": following, "results": rows[:SIZE]}


@api.get("/claims/{uuid:pk}/", response=ClaimOut)
def detail(request: HttpRequest, pk: UUID) -> Any:
    return get_object_or_404(claims(), pk=pk)


@api.get("/claims/{uuid:pk}/history/", response=ChangePage)
def history(request: HttpRequest, pk: UUID, after: int = 0) -> Any:
    rows = list(
        Change.objects.filter(claim=pk, log_entry__number__gt=after)
        .select_related("organization", "recorded_by", "document", "before")
        .annotate(number=F("log_entry__number"))
        .order_by("number")[: SIZE + 1]
    )
    judgements = verdicts().in_bulk([row.subject_id for row in rows if row.outcome])
    for row in rows:
        row.verdict = judgements.get(row.subject_id)
    following = None
    if len(rows) > SIZE:
        following = f"/api/v1/claims/{pk}/history/?after={rows[SIZE - 1].number}"
    return {"next": following, "results": rows[:SIZE]}


urlpatterns = [path("api/v1/", api.urls)]
application = get_wsgi_application()
