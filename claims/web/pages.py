"""A claim's public page: what is claimed, where, and what was found. It needs no script."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from csp.constants import NONE
from csp.decorators import csp
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from rest_framework.request import Request

from claims.api.composed import composer, fetched
from claims.api.contests import ContestOut
from claims.api.pagination import keys
from claims.api.reviews import ReviewedOut, of_claims, reviewed_claims, site_of
from claims.errors import NotFound
from claims.formats import claimreview, spoken
from claims.models import Claim, Contest
from claims.queries import documents
from claims.text.direction import direction
from claims.web.public import LANG, Public

MOST_CONTESTS = 50  # that are shown of a claim; the rest are in the record

STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
body { font: 1.05rem/1.7 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.5; }
blockquote { margin: 1rem 0; padding-inline-start: 1rem; border-inline-start: .25rem solid #888; }
article { margin: 1.5rem 0; padding: .5rem 1rem; border: 1px solid #888; border-radius: .25rem; }
.text { white-space: pre-line; overflow-wrap: anywhere; }
.rating { font-weight: 700; }
.beside { color: #555; font-size: .95rem; }
a { overflow-wrap: anywhere; }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = {
    "default-src": [NONE],
    "style-src": [f"'sha256-{STYLE_HASH}'"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}


@method_decorator(csp(POLICY), name="dispatch")
class Pages(Public):
    """A claim, where it appears, and the verdicts that stand."""

    resource = "pages"
    model = Claim
    answers = ReviewedOut
    made_of = staticmethod(reviewed_claims)

    def retrieve(self, request: Request, pk: str) -> HttpResponse:  # type: ignore[override]
        self.refuse_parameters(known=(LANG,))
        found = of_claims().documents([self.id_of(pk)])
        if not found:
            raise NotFound(_("There is nothing with this id."))
        with self.in_language() as language:
            contests = contests_of(self.id_of(pk))
            shown = page(orjson.loads(found[0]), contests, site=site_of(request))
            return self.sent(
                shown.encode(),
                media_type="text/html; charset=utf-8",
                language=language,
                cached="public, no-cache",
            )


def contests_of(claim: UUID) -> list[Any]:
    """The newest of what was contested about it."""
    rows = Contest.objects.filter(claim=claim)
    newest = keys(rows, "filed_at", descending=True, beyond=None, most=MOST_CONTESTS)
    told = composer(ContestOut, documents.contests)
    found = fetched(told.by_page(newest, descending=True, size=MOST_CONTESTS))
    return [orjson.loads(text) for _pk, _at, text, _place in found]


def page(claim: Any, contests: list[Any], *, site: str) -> str:
    """HTML, our own words in the active language; each text of the record is in its own."""
    reviews = orjson.dumps(claimreview.documents(claim, site=site))
    here = claimreview.pages(site, claim["id"])
    return render_to_string(
        "claims/claim.html",
        {
            "claim": claim,
            "direction": direction(claim["language"]),
            "status": spoken.STATUSES[claim["status"]],
            "places": [place(it) for it in claim["appearances"]],
            "verdicts": [verdict(it) for it in claim["verdicts"]],
            "contests": [contest(it) for it in contests],
            "reviews": mark_safe(claimreview.in_page(reviews)),  # noqa: S308  (as in_page has it)
            "style": mark_safe(STYLE),  # noqa: S308  (a constant)
            "site": site,
            "here": here,
            "record": claimreview.record_of(site, claim["id"]),
            "others": [(it, f"{here}?{LANG}={it}", name) for it, name in settings.LANGUAGES],
        },
    )


def place(appearance: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**appearance, "direction": direction(appearance["article"]["language"])}


def contest(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        **told,
        "reason": spoken.REASONS[told["reason"]],
        "state": spoken.CONTESTS[told["state"]],
    }


def verdict(told: Mapping[str, Any]) -> Mapping[str, Any]:
    language = told["language"]
    return {
        **told,
        "rating": spoken.rating(told),
        # By the clock: the tag of the page, which is made of all its words, changes with it.
        "days": spoken.days(told, timezone.now().date().isoformat()),
        "direction": "auto" if language is None else direction(language),
        "outcome": spoken.OUTCOMES[told["outcome"]],
        "before": told["supersedes"] and spoken.rating(told["supersedes"]),
        "evidence": [it | {"stance": spoken.STANCES[it["stance"]]} for it in told["evidence"]],
    }
