"""Every address of the server and every method that it takes, as Django itself resolves them.

Whatever is added to it, by whichever file of addresses and whatever kind of view, is here. A route
is told as "GET /claims/{claim}/": one of the API from /api/v1 on, all others whole.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from claims.actions.notices import token_of
from claims.actions.webhooks import ping
from claims.models import ApiKey, Matter
from claims.queries.pages import Page
from claims.vocabulary import NoticeKind
from tests import make

METHODS = ("get", "post", "put", "patch", "delete")
API, GOOGLE = "/api/v1", "/v1alpha1"
REVIEWED = "https://outsiders.example/1"

# Path parameters as the URL patterns name them, by what comes before.
PARAMETERS = {
    "publishers/<str:pk>": "publishers/{publisher}",
    "articles/<str:pk>": "articles/{article}",
    "articles/<str:article>": "articles/{article}",
    "snapshots/<str:pk>": "snapshots/{snapshot}",
    "speakers/<str:pk>": "speakers/{speaker}",
    "claims/<str:pk>": "claims/{claim}",
    "claims/<str:claim>": "claims/{claim}",
    "annotations/<str:pk>": "annotations/{appearance}",
    "appearances/<str:pk>": "appearances/{appearance}",
    "verdicts/<str:pk>": "verdicts/{verdict}",
    "relations/<str:pk>": "relations/{relation}",
    "contests/<str:pk>": "contests/{contest}",
    "drafts/<str:pk>": "drafts/{draft}",
    "notes/<str:pk>": "notes/{note}",
    "queue/<str:pk>": "queue/{item}",
    "conflicts/<str:pk>": "conflicts/{conflict}",
    "organizations/<str:pk>": "organizations/{organization}",
    "organizations/<str:organization>": "organizations/{organization}",
    "scales/<str:pk>": "scales/{scale}",
    "members/<str:pk>": "members/{member}",
    "invitations/<str:pk>": "invitations/{invitation}",
    "api-keys/<str:pk>": "api-keys/{key}",
    "webhooks/<str:pk>": "webhooks/{webhook}",
    "webhooks/<str:webhook>": "webhooks/{webhook}",
    "deliveries/<str:pk>": "deliveries/{delivery}",
    "v1alpha1/pages/<str:pk>": "v1alpha1/pages/{page}",
    "<str:level>": "{level}",
    "<path:path>": "{tile}",
    "problems/<slug:slug>": "problems/{problem}",
    "off/<str:token>": "off/{token}",
}


def addresses(
    patterns: Iterable[URLPattern | URLResolver], before: str = "/"
) -> Iterator[tuple[str, Any]]:
    """Each path, as its patterns spell it, with its view. Of the same path, the first is asked."""
    for it in patterns:
        path = before + str(it.pattern)
        if isinstance(it, URLResolver):
            yield from addresses(it.url_patterns, path)
        else:
            yield path, it.callback


def methods_of(view: Any) -> set[str]:
    """What a view takes: all, where it does not say. HEAD goes with GET, OPTIONS with all."""
    if hasattr(view, "actions") and not hasattr(view, "http_method_names"):
        return {it for it in METHODS if it in view.actions}
    if hasattr(view, "http_method_names"):
        return {it for it in METHODS if it in view.http_method_names}
    made_of = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if made_of is None:
        return {*METHODS}
    return {it for it in METHODS if it in made_of.http_method_names and hasattr(made_of, it)}


def named(path: str) -> str:
    for spelled, name in PARAMETERS.items():
        path = path.replace(spelled, name)
    return path


def routes(patterns: Iterable[URLPattern | URLResolver] | None = None) -> list[str]:
    """All of the server; or of these patterns."""
    found: dict[str, Any] = {}
    for path, view in addresses(get_resolver().url_patterns if patterns is None else patterns):
        found.setdefault(named(path), view)
    return sorted(
        f"{method.upper()} {path}" for path, view in found.items() for method in methods_of(view)
    )


def of_api(every: Iterable[str]) -> list[str]:
    """Those to which the table of rights applies."""
    return [it.replace(f" {API}/", " /") for it in every if kind(it) == "api"]


def of_admin(every: Iterable[str]) -> list[str]:
    """Django's own pages for operators, but for where one signs in."""
    return [it for it in every if kind(it) == "admin"]


def of_pages(every: Iterable[str]) -> list[str]:
    """All the others."""
    return [it for it in every if kind(it) == "page"]


def kind(route: str) -> str:
    path = route.split(" ", 1)[1]
    if path.startswith((f"{API}/", f"{GOOGLE}/")):
        return "api"
    return "admin" if path.startswith("/admin/") and path != "/admin/login/" else "page"


def parameters(route: str) -> set[str]:
    """What stands in the path of a route, by name."""
    return {part.partition("}")[0] for part in route.split("{")[1:]}


def sample(own: make.Desk) -> dict[str, Any]:
    """One of everything that a path can name: the desk's own, where it is somebody's."""
    claim, appearance = make.marked_fact()
    verdict = make.verdict(claim, own.checker)
    other = make.fact(fact=make.FACT | {"value": "2017-12-09"})
    relation = make.relation(claim, other, own.checker, "contradicts")
    outsider = make.outsider(by=own.checker)
    make.verdict(claim, own.checker, external=outsider.pk, url=REVIEWED)
    secret = make.key(own.checker)
    webhook = make.webhook(own.editor)
    return {
        "level": "0",
        "tile": "000.p/3",
        "problem": "forbidden",
        "token": token_of(own.checker.pk, NoticeKind.MENTION),
        "publisher": appearance.article.publisher_id,
        "article": appearance.article_id,
        "snapshot": appearance.snapshot_id,
        "speaker": make.speaker().pk,
        "claim": claim.pk,
        "appearance": appearance.pk,
        "verdict": verdict.pk,
        "relation": relation.pk,
        "contest": make.contest(verdict).pk,
        "draft": make.draft(make.fact(), own.checker).pk,
        "note": make.note(claim, own.checker).pk,
        "item": make.queued(claim, own.checker).pk,
        "conflict": Matter.objects.get().pk,
        "organization": own.organization.pk,
        "scale": make.scale(own.editor).pk,
        "member": own.reader.pk,
        "invitation": make.invitation(own.admin)[0].pk,
        "webhook": webhook.pk,
        "delivery": ping(webhook_id=webhook.pk).pk,
        "key": ApiKey.objects.get(digest=ApiKey.digest_of(secret)).pk,
        "page": Page.at(outsider.pk, REVIEWED).id,
    }
