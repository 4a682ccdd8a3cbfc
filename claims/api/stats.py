"""`stats/`: figures about the claims that filters leave, and about the verdicts on them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.filtering import ClaimFilters, InstantField, day_of
from claims.api.pagination import refused
from claims.api.preconditions import is_known
from claims.api.resource import Resource
from claims.api.searching import PARAMETERS, Q
from claims.api.searching import asked_in as asked_for
from claims.api.stats_out import Drafts, Figures
from claims.api.stats_shape import StatsOut
from claims.errors import NotAuthenticated, Unavailable
from claims.formats.noticing import time_zones
from claims.models import Claim, Draft, Member, Organization
from claims.queries import relations
from claims.queries.search import claims_found
from claims.queries.statistics import reading
from claims.queries.statistics.columns import KINDS, OUTCOMES, STATUSES, hash_of, low_half
from claims.queries.statistics.counts import (
    JUDGING,
    NEEDED,
    OF_CLAIM,
    OF_PLACEMENT,
    OF_VERDICT,
    Counts,
    Wanted,
)
from claims.queries.statistics.periods import begin_of, microseconds
from claims.text.searching import Search

FIGURES, BY, SINCE, UNTIL, EVERY, ZONE, MOST = (
    "figures",
    "by",
    "since",
    "until",
    "every",
    "time_zone",
    "most",
)
CONTROLS = (FIGURES, BY, SINCE, UNTIL, EVERY, ZONE, MOST)
STEPS = ("day", "week", "month")
DIMENSIONS = (*OF_CLAIM, *OF_PLACEMENT, *OF_VERDICT)
# What each figure can be told apart by.
TOLD_BY: dict[str, Sequence[str]] = {
    "claims": (*OF_CLAIM, *OF_PLACEMENT, "organization", "outcome"),
    "verdicts": (*OF_CLAIM, *OF_PLACEMENT, *OF_VERDICT),
    "times": (*OF_CLAIM, *OF_PLACEMENT, *OF_VERDICT),
    "backlog": (*OF_CLAIM, *OF_PLACEMENT),
    "drafts": (*OF_CLAIM, "outcome", "checker"),
    "agreement": DIMENSIONS,  # which it is not told apart by; others may be beside it
}
MOST_DIMENSIONS = 2
MOST_FOUND = 200_000  # claims by words: so many ids are found in a few seconds
USUAL_GROUPS, MOST_GROUPS = 100, 1_000
NO_SUCH = -1  # a number that columns give to nobody

FIRST_DAY = date(1970, 1, 1)

LISTED = {"type": "string", "minLength": 1, "maxLength": 200}
INSTANT = {"type": "string", "minLength": 1, "maxLength": 40}
DESCRIBED = [
    OpenApiParameter(
        FIGURES,
        LISTED | {"default": "claims"},
        description=f"Which figures, comma between them: {', '.join(TOLD_BY)}.",
    ),
    OpenApiParameter(
        BY,
        LISTED,
        description="By what they are told apart, one or two of these, comma between them: "
        f"{', '.join(DIMENSIONS)}. `checker` tells verdicts, times and drafts of your own "
        "organization.",
    ),
    OpenApiParameter(
        SINCE,
        INSTANT,
        description="The first day (2020-03-14) of the period in the time zone, or an instant.",
    ),
    OpenApiParameter(UNTIL, INSTANT, description="The last day of the period, or an instant."),
    OpenApiParameter(
        EVERY,
        {"type": "string", "enum": [*STEPS]},
        description="Tell them as time series too: of what is counted in each step; of the "
        "backlog, how many of the claims waited at the end of each. Weeks begin on Monday.",
    ),
    OpenApiParameter(
        ZONE,
        {"type": "string", "minLength": 1, "maxLength": 64, "default": "UTC"},
        description="In which days begin: a name of the IANA time zone database, such as "
        "`Asia/Baghdad`.",
    ),
    OpenApiParameter(
        MOST,
        {"type": "integer", "minimum": 1, "maximum": MOST_GROUPS, "default": USUAL_GROUPS},
        description="How many groups, or pairs of organizations, are told at most: the largest.",
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, but for the filters. since, until: None for what is open."""

    figures: Sequence[str]
    by: Sequence[str]
    since: datetime | None
    until: datetime | None
    every: str | None
    zone: ZoneInfo
    most: int

    @property
    def sought_without(self) -> Sequence[str]:
        """The filters of what was found that do not say which claims are looked at by words."""
        if "speaker" in self.by or "backlog" in self.figures:
            return JUDGING
        return OF_VERDICT if {*self.figures} & {"verdicts", "times"} else ()


class Stats(Resource):
    """Figures about claims and verdicts."""

    resource = "stats"
    model = Claim
    answers = StatsOut
    filterset = ClaimFilters
    searched = True

    @extend_schema(
        summary="Count claims and verdicts",
        description="Exact, of the record as it was a moment ago: `number`, `as_of` and `age` say "
        "when. The filters of `claims/` say of which claims; `organization` and `outcome`, of "
        "which verdicts and drafts, where these are counted. A period is of what is counted: "
        "claims filed in it (`claims`, `backlog`, `agreement`), verdicts issued in it "
        "(`verdicts`, `times`).",
        parameters=DESCRIBED,
    )
    def retrieve(self, request: Request, **_path: str) -> Response | HttpResponse:  # type: ignore[override]
        search = asked_for(request.query_params)
        known = tuple(ClaimFilters.base_filters)
        self.refuse_parameters(known=(*known, *CONTROLS, *PARAMETERS))
        asks = [name for name in known if name in request.query_params]
        given = self.cleaned(known, also=(*CONTROLS, *PARAMETERS)) if asks else {}
        filters = {name: value for name, value in given.items() if value not in (None, "")}
        asked = asked_in(request)
        organization = self.own_organization(request, asked)
        state = reading.state()
        drafts = None
        if "drafts" in asked.figures:
            drafts = self.drafts(filters, asked, search)
        else:  # which change without being counted
            tag = tag_of(state, request, asked, organization)
            if is_known(request, tag):
                return Response(status=304, headers={"ETag": tag})
        figures = figures_of(filters, asked, search, state, organization, drafts)
        for kind, numbers in figures.needed.items():
            figures.name(kind, reading.named(kind, numbers))
        tag = tag_of(figures.state, request, asked, organization)
        return self.answer(figures.body, **({} if drafts is not None else {"ETag": tag}))

    def own_organization(self, request: Request, asked: Asked) -> str | None:
        """Whose checkers are told apart, or whose drafts told. Raises NotAuthenticated."""
        if "checker" not in asked.by and "drafts" not in asked.figures:
            return None
        member: object = request.user
        if not isinstance(member, Member):
            raise NotAuthenticated(
                _("Who checks and drafts is told to members of the organization: send your key.")
            )
        return str(member.organization_id)

    def drafts(self, filters: dict[str, Any], asked: Asked, search: Search | None) -> Drafts:
        """Those of the caller's organization that were begun in the period, on these claims."""
        others = {name: it for name, it in filters.items() if name not in JUDGING}
        return Drafts(*(self.drafts_on(its, asked, search) for its in (filters, others)))

    def drafts_on(
        self, filters: dict[str, Any], asked: Asked, search: Search | None
    ) -> QuerySet[Draft]:
        rows = Draft.objects.filter(organization_id=self.member.organization_id)
        rows = rows.filter(**{name: it for name, it in filters.items() if name in OF_VERDICT})
        of_claims = {name: it for name, it in filters.items() if name not in OF_VERDICT}
        if of_claims:
            claims = self.sound_filters(Claim.objects.all(), tuple(of_claims)).qs
            rows = rows.filter(claim__in=claims.order_by().values("pk"))
        if search is not None:
            found = found_by(search, of_claims)
            rows = rows.filter(claim__in=list(found))
        if asked.since is not None:
            rows = rows.filter(created_at__gte=asked.since)
        if asked.until is not None:
            rows = rows.filter(created_at__lt=asked.until)
        return rows


def figures_of(
    filters: dict[str, Any],
    asked: Asked,
    search: Search | None,
    state: reading.State,
    organization: str | None = None,
    drafts: Drafts | None = None,
) -> Figures:
    """What is answered, without names, of `state` or later. Raises BadParameter, Unavailable."""
    wanted = wanted_of(filters, asked, search)
    state, columns = reading.held.read(columns_for(wanted, asked), state)
    if state.edition is None:
        raise Unavailable(_("Nothing is counted yet: the sequencer is about to, or stopped."))
    number = None if organization is None else reading.number_of("organization", organization)
    return Figures(Counts(columns, wanted), state, asked, number, drafts)


def tag_of(state: reading.State, request: Any, asked: Asked, organization: str | None) -> str:
    """Weak: how old the figures are is told, too, and changes meanwhile."""
    query = sorted(request.query_params.items())
    # How long something waits grows without a Change.
    minute = state.as_of // 60_000_000 if "backlog" in asked.figures else 0
    open_end = state.as_of // 60_000_000 if asked.every and asked.until is None else 0
    made_of = repr((state.number, state.ahead, query, organization, minute, open_end))
    return f'W/"{hashlib.sha256(made_of.encode()).hexdigest()[:32]}"'


def asked_in(request: Any) -> Asked:
    """Raises BadParameter."""
    query = request.query_params
    figures = listed(query.get(FIGURES, "claims"), FIGURES, TOLD_BY)
    by = listed(query[BY], BY, DIMENSIONS) if BY in query else ()
    if len(by) > MOST_DIMENSIONS:
        raise refused(BY, _("Send at most %d of them.") % MOST_DIMENSIONS)
    if {*by} & {*OF_PLACEMENT} and {*by} & {*OF_VERDICT}:
        raise refused(BY, _("publisher cannot be combined with what verdicts have: ask twice."))
    for figure in figures:
        for name in by:
            if name not in TOLD_BY[figure]:
                raise refused(
                    BY,
                    _("%(figure)s cannot be told apart by %(name)s, but by: %(these)s.")
                    % {"figure": figure, "name": name, "these": ", ".join(TOLD_BY[figure])},
                )
    zone = query.get(ZONE, "UTC")
    if zone not in time_zones():
        raise refused(
            ZONE, _("There is no such time zone: send a name of IANA's, such as Asia/Baghdad.")
        )
    every = query.get(EVERY)
    if every is not None and every not in STEPS:
        raise refused(EVERY, _("This is none of: %s.") % ", ".join(STEPS))
    since = bound(query.get(SINCE), SINCE, ZoneInfo(zone))
    until = bound(query.get(UNTIL), UNTIL, ZoneInfo(zone))
    if since is not None and until is not None and since >= until:
        raise refused(UNTIL, _("It is before `since`."))
    return Asked(figures, by, since, until, every, ZoneInfo(zone), most_in(query.get(MOST)))


def listed(text: str, parameter: str, known: Iterable[str]) -> Sequence[str]:
    """Names with commas between them, each once."""
    names = tuple(it.strip() for it in text.split(","))
    if any(name not in known for name in names) or len({*names}) < len(names):
        raise refused(
            parameter,
            _("Send some of these, each once, with commas between them: %s.") % ", ".join(known),
        )
    return names


def most_in(text: str | None) -> int:
    if text is None:
        return USUAL_GROUPS
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_GROUPS):
        raise refused(MOST, _("Send a number from 1 to %d.") % MOST_GROUPS)
    return int(text)


def bound(text: str | None, parameter: str, zone: ZoneInfo) -> datetime | None:
    """The first instant of the period, or the first one after it."""
    if text is None:
        return None
    try:
        if (day := day_of(text)) is not None:
            return begin_of(day + timedelta(days=parameter == UNTIL), zone)
        at: datetime = InstantField().clean(text)
        return at + timedelta(microseconds=parameter == UNTIL)
    except ValidationError as invalid:
        raise refused(parameter, str(invalid.messages[0])) from None
    except OverflowError:
        raise refused(parameter, _("Send a day of the years 2 to 9998.")) from None


def wanted_of(filters: dict[str, Any], asked: Asked, search: Search | None) -> Wanted:
    """What columns are asked for."""
    given: dict[str, Any] = {}
    for name in ("kind", "status", "outcome"):
        if name in filters:
            words = {"kind": KINDS, "status": STATUSES, "outcome": OUTCOMES}[name]
            given[name] = words.index(filters[name])
    for name in ("speaker", "publisher", "organization"):
        if name in filters:
            number = reading.number_of(name, str(UUID(filters[name])))
            given[name] = NO_SUCH if number is None else number
    # All claims wait for one that never judged any, but not for nobody.
    never = "backlog" in asked.figures and given.get("organization") == NO_SUCH
    if never and not Organization.objects.filter(pk=filters["organization"]).exists():
        raise refused("organization", _("There is no such organization."))
    if "language" in filters:
        given["language"] = reading.languages_of(filters["language"])
    for name in ("subject", "property"):
        if name in filters:
            given[name] = hash_of(filters[name])
    for name in ("created_after", "created_before", "changed_after"):
        if name in filters:
            given[name] = microseconds(filters[name])
    for name in ("published_after", "published_before"):
        if name in filters:
            given[name] = (filters[name] - FIRST_DAY).days
    if "article" in filters:
        given["article"] = low_half(UUID(filters["article"]))
    if "has_verdict" in filters:
        given["has_verdict"] = filters["has_verdict"]
    of_ids = {"same_as": relations.same_as, "related_to": relations.related_to}
    if these := [name for name in of_ids if name in filters]:
        rows = Claim.objects.all()
        for name in these:
            rows = of_ids[name](rows, UUID(filters[name]))
        given["among"] = list(rows.values_list("pk", flat=True))
    if search is not None:
        without = asked.sought_without
        found = found_by(search, {name: it for name, it in filters.items() if name not in without})
        given["among"] = [*found & {*given["among"]}] if "among" in given else [*found]
    for name in (SINCE, UNTIL):
        if (at := getattr(asked, name)) is not None:
            given[name] = microseconds(at)
    return Wanted(**given)


def found_by(search: Search, filters: dict[str, Any]) -> set[UUID]:
    """The ids of the claims that have these words. Raises BadParameter where they are too many."""
    found = claims_found(search, filters, most=MOST_FOUND)
    if found is None:
        raise refused(Q, _("More than %d claims have these words: filter more.") % MOST_FOUND)
    return found


def columns_for(wanted: Wanted, asked: Asked) -> set[str]:
    names = {name for name in NEEDED if getattr(wanted, name, None) is not None}
    names |= {*asked.figures, *asked.by}
    if asked.every is not None:
        names |= {"series", *(f"series of {it}" for it in asked.figures) & NEEDED.keys()}
    if "times" in asked.figures and names & {*OF_VERDICT}:
        names.add("verdicts")  # of each organization the first
    return {column for name in names for column in NEEDED[name]}
