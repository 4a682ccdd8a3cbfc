"""What each problem type means, for whoever follows its address."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from claims.api.problems import read_only
from claims.errors import REFUSALS, Refusal


@read_only
def problems(request: HttpRequest) -> HttpResponse:
    kinds = sorted(REFUSALS.values(), key=lambda kind: (kind.status, kind.slug))
    return page(request, kinds)


@read_only
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in REFUSALS:
        raise Http404
    return page(request, [REFUSALS[slug]])


def page(request: HttpRequest, kinds: Iterable[type[Refusal]]) -> HttpResponse:
    # A template would call the classes themselves.
    told = [{"slug": kind.slug, "status": kind.status, "title": kind.title} for kind in kinds]
    return render(request, "claims/problems.html", {"kinds": told})
