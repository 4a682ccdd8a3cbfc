from collections.abc import Sequence
from typing import Any, cast

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from claims.api.annotations import Annotations
from claims.api.annotations_in import AnnotationImports
from claims.api.appearances import Appearances
from claims.api.articles import Articles, Snapshots
from claims.api.changes import Changes
from claims.api.claims import Claims
from claims.api.conflicts import Conflicts
from claims.api.contests import Contests, DeskContests
from claims.api.corrections import Corrections
from claims.api.dates import Texts
from claims.api.description import Description, Docs
from claims.api.desks import ApiKeys, Members, Organizations
from claims.api.dossier_schema import dossier_schema
from claims.api.drafts import Drafts
from claims.api.exports import Exports, ReviewExports
from claims.api.google import GoogleClaims, GooglePages
from claims.api.google_ways import GOOGLE
from claims.api.health import livez, readyz
from claims.api.imports import Imports
from claims.api.invitations import Acceptances, Invitations
from claims.api.log import Log
from claims.api.notes import DeskNotes, Notes
from claims.api.notices import Notices
from claims.api.overdue import Overdue
from claims.api.problem_pages import problem, problems
from claims.api.problems import read_only
from claims.api.publishers import Publishers
from claims.api.queue import Queue
from claims.api.relations import Relations
from claims.api.resource import Resource
from claims.api.reviews_in import ReviewImports
from claims.api.reviews_out import ClaimReviews
from claims.api.root import Root
from claims.api.scales import Scales
from claims.api.session import Sessions
from claims.api.speakers import Speakers
from claims.api.stats import Stats
from claims.api.verdicts import Verdicts
from claims.api.webhooks import Deliveries, Webhooks


def routes(prefix: str, view: type[Resource]) -> Sequence[URLPattern]:
    """The paths of one resource: its list, its documents, and what can be done with one."""
    name = view.resource
    on_list = {"get": "list", "post": "create"}
    on_one = {"get": "retrieve", "patch": "partial_update"}
    actions = cast(list[Any], view.get_extra_actions())
    of_all, of_one = (
        [
            path(
                f"{prefix}/{'<str:pk>/' if detail else ''}{action.url_path}/",
                view.as_view(dict(action.mapping), **action.kwargs),
                name=f"{name}-{action.url_name}",
            )
            for action in actions
            if action.detail == detail
        ]
        for detail in (False, True)
    )
    return [
        *of_all,
        path(f"{prefix}/", view.as_view(there(view, on_list)), name=f"{name}-list"),
        path(f"{prefix}/<str:pk>/", view.as_view(there(view, on_one)), name=f"{name}-detail"),
        *of_one,
    ]


def there(view: type[Resource], methods: dict[str, str]) -> dict[str, Any]:
    return {method: action for method, action in methods.items() if hasattr(view, action)}


V1 = "api/v1"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", read_only(RedirectView.as_view(url=f"/{V1}/")), name="home"),
    path(f"{V1}/", Root.as_view({"get": "list"}), name="root"),
    *routes(f"{V1}/publishers", Publishers),
    *routes(f"{V1}/articles", Articles),
    *routes(f"{V1}/articles/<str:article>/snapshots", Snapshots),
    *routes(f"{V1}/articles/<str:article>/annotations", Annotations),
    *routes(f"{V1}/speakers", Speakers),
    *routes(f"{V1}/claims", Claims),
    path(
        f"{V1}/claims/<str:claim>/claimreview/",
        ClaimReviews.as_view({"get": "retrieve"}),
        name="claimreview-detail",
    ),
    *routes(f"{V1}/claims/<str:claim>/appearances", Appearances),
    *routes(f"{V1}/claims/<str:claim>/verdicts", Verdicts),
    *routes(f"{V1}/claims/<str:claim>/relations", Relations),
    *routes(f"{V1}/claims/<str:claim>/contests", Contests),
    *routes(f"{V1}/contests", DeskContests),
    path(f"{V1}/corrections/", Corrections.as_view({"get": "list"}), name="corrections-list"),
    *routes(f"{V1}/drafts", Drafts),
    *routes(f"{V1}/claims/<str:claim>/notes", Notes),
    path(f"{V1}/notes/", DeskNotes.as_view({"get": "list"}), name="desk-notes-list"),
    *routes(f"{V1}/queue", Queue),
    *routes(f"{V1}/conflicts", Conflicts),
    *routes(f"{V1}/organizations", Organizations),
    *routes(f"{V1}/organizations/<str:organization>/members", Members),
    *routes(f"{V1}/organizations/<str:organization>/invitations", Invitations),
    path(
        f"{V1}/invitations/accept/",
        Acceptances.as_view({"post": "accept"}),
        name="invitations-accept",
    ),
    path(
        f"{V1}/session/",
        Sessions.as_view({"get": "show", "post": "sign_in", "delete": "sign_out"}),
        name="session",
    ),
    path(f"{V1}/session/member/", Sessions.as_view({"post": "choose"}), name="session-member"),
    path(
        f"{V1}/session/password/", Sessions.as_view({"post": "password"}), name="session-password"
    ),
    path(f"{V1}/session/totp/", Sessions.as_view({"post": "totp"}), name="session-totp"),
    path(
        f"{V1}/session/totp/confirm/",
        Sessions.as_view({"post": "confirm_totp"}),
        name="session-totp-confirm",
    ),
    path(
        f"{V1}/session/totp/remove/",
        Sessions.as_view({"post": "remove_totp"}),
        name="session-totp-remove",
    ),
    path(
        f"{V1}/me/notices/",
        Notices.as_view({"get": "show", "patch": "change"}),
        name="notices",
    ),
    *routes(f"{V1}/organizations/<str:organization>/scales", Scales),
    path(
        f"{V1}/organizations/<str:organization>/scale/",
        Scales.as_view({"get": "newest", "put": "change"}),
        name="scales-newest",
    ),
    path(
        f"{V1}/organizations/<str:organization>/overdue/",
        Overdue.as_view({"get": "list"}),
        name="overdue-list",
    ),
    *routes(f"{V1}/api-keys", ApiKeys),
    path(f"{V1}/stats/", Stats.as_view({"get": "retrieve"}), name="stats-list"),
    path(f"{V1}/changes/", Changes.as_view({"get": "list"}), name="changes-list"),
    path(f"{V1}/log/", Log.as_view({"get": "list"}), name="log-list"),
    # Without a slash at the end: these addresses are those of C2SP tlog-tiles.
    path(f"{V1}/log/checkpoint", Log.as_view({"get": "checkpoint"}), name="log-checkpoint"),
    path(f"{V1}/log/tile/entries/<path:path>", Log.as_view({"get": "entries"}), name="log-entries"),
    path(f"{V1}/log/tile/<str:level>/<path:path>", Log.as_view({"get": "tile"}), name="log-tile"),
    path(f"{V1}/log/proof/inclusion/", Log.as_view({"get": "inclusion"}), name="log-inclusion"),
    path(
        f"{V1}/log/proof/consistency/", Log.as_view({"get": "consistency"}), name="log-consistency"
    ),
    *routes(f"{V1}/webhooks", Webhooks),
    *routes(f"{V1}/webhooks/<str:webhook>/deliveries", Deliveries),
    path(f"{V1}/text/dates/", Texts.as_view({"post": "dates"}), name="text-dates"),
    path(f"{V1}/imports/dossier/", Imports.as_view({"post": "dossier"}), name="imports-dossier"),
    path(
        f"{V1}/imports/claimreview/",
        ReviewImports.as_view({"post": "claimreview"}),
        name="imports-claimreview",
    ),
    path(
        f"{V1}/imports/claimreview/check/",
        ReviewImports.as_view({"post": "check"}),
        name="imports-check",
    ),
    path(
        f"{V1}/imports/annotations/",
        AnnotationImports.as_view({"post": "annotations"}),
        name="imports-annotations",
    ),
    path(f"{V1}/exports/claims/", Exports.as_view({"get": "claims"}), name="exports-claims"),
    path(
        f"{V1}/exports/claimreview/",
        ReviewExports.as_view({"get": "reviews"}),
        name="exports-claimreview",
    ),
    # Paths, methods and names of Google's.
    path(f"{GOOGLE}/claims:search", GoogleClaims.as_view({"get": "search"}), name="google-search"),
    path(
        f"{GOOGLE}/claims:imageSearch",
        GoogleClaims.as_view({"get": "image_search"}),
        name="google-image-search",
    ),
    path(
        f"{GOOGLE}/pages",
        GooglePages.as_view({"get": "list", "post": "create"}),
        name="google-pages-list",
    ),
    path(
        f"{GOOGLE}/pages/<str:pk>",
        GooglePages.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="google-pages-detail",
    ),
    path("api/schema/", Description.as_view(), name="schema"),
    path("api/schema/dossier.json", dossier_schema, name="dossier-schema"),
    path("api/docs/", Docs.as_view(url_name="schema"), name="docs"),
    path("problems/", problems, name="problems"),
    path("problems/<slug:slug>", problem, name="problem"),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
]
