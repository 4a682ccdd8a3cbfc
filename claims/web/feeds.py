"""Feeds of verdicts and of corrections, by the filters of claims."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from claims.api.filtering import VERDICT_FILTERS, ClaimFilters, filters_of, lookups
from claims.api.pagination import ORDERING, SIZE, keys, page_size
from claims.api.reviews import (
    ReviewedOut,
    address_of,
    is_asked_for,
    of_claims,
    of_verdicts,
    reviewed_claims,
    site_of,
)
from claims.formats import claimreview, feeds
from claims.models import Claim
from claims.queries import reviewing
from claims.queries.etags import record_modified
from claims.web.public import LANG, Public

JSON_FEED = "application/feed+json"
CACHED = "public, max-age=60"

# Verdicts that stand are all that is told, so it is no question whether there is one.
FILTERS = tuple(name for name in ClaimFilters.base_filters if name != "has_verdict")

Told = Callable[[str], feeds.Feed]


class Feeds(Public):
    """The newest verdicts that stand, of the claims that changed last; and the newest corrections.

    In the feed of corrections, organization and outcome are asked of the correction itself.
    """

    resource = "feeds"
    model = Claim
    answers = ReviewedOut
    made_of = staticmethod(reviewed_claims)
    filterset = ClaimFilters

    def verdicts_atom(self, request: Request) -> HttpResponse:
        return self.atom(self.verdicts)

    def verdicts_json(self, request: Request) -> HttpResponse:
        return self.json(self.verdicts)

    def corrections_atom(self, request: Request) -> HttpResponse:
        return self.atom(self.corrections)

    def corrections_json(self, request: Request) -> HttpResponse:
        return self.json(self.corrections)

    def claimreview(self, request: Request) -> HttpResponse:
        return self.written(lambda _language: orjson.dumps(self.reviews()), claimreview.MEDIA_TYPE)

    # What is told

    def verdicts(self, language: str) -> feeds.Feed:
        ids = reviewing.standing(self.newest_claims(), self.of_verdict, most=self.size)
        return self.feed(
            language,
            _("Verdicts"),
            _("What fact-checkers found, the newest first."),
            [feeds.of_verdict(it, site=self.site) for it in of_ids(ids)],
        )

    def corrections(self, language: str) -> feeds.Feed:
        of_claim = {name: it for name, it in self.filters.items() if name not in VERDICT_FILTERS}
        claims = filters_of(type(self), **of_claim).qs if of_claim else None
        ids = reviewing.corrections(claims, self.of_verdict, most=self.size)
        return self.feed(
            language,
            _("Corrections"),
            _("Verdicts that took the place of earlier ones, or took them back; the newest first."),
            [feeds.of_correction(it, site=self.site) for it in of_ids(ids)],
        )

    def reviews(self) -> dict[str, Any]:
        """A DataFeed of ClaimReviews."""
        claims = map(orjson.loads, of_claims().documents(self.newest_claims()))
        found = sorted(
            (
                (claim, it)
                for claim in claims
                for it in claim["verdicts"]
                if is_asked_for(it, self.filters)
            ),
            key=lambda it: (it[1]["issued_at"], it[1]["id"]),
            reverse=True,
        )[: self.size]
        return claimreview.data_feed(
            found,
            site=self.site,
            address=self.address,
            name=_("Verdicts"),
            modified=max((claim["changed_at"] for claim, _verdict in found), default=None),
        )

    def feed(
        self, language: str, title: str, description: str, entries: list[feeds.Entry]
    ) -> feeds.Feed:
        return feeds.Feed(
            title=f"{title} · Isnad",
            description=description,
            address=self.address,
            home=f"{self.site}/",
            language=language,
            entries=entries,
        )

    def newest_claims(self) -> list[Any]:
        """The ids of the claims that changed last, of those with a verdict that is asked for.

        To issue one is to change its claim, so that what is new is among them, whatever the filter;
        and there are indexes for just this (claims.queries.listing).
        """
        asked = self.filters | {"has_verdict": "true", ORDERING: "-changed_at"}
        rows = filters_of(type(self), **asked).qs
        found = keys(rows, "changed_at", descending=True, beyond=None, most=self.size)
        return [pk for pk, _at in found]

    # What is asked for

    @cached_property
    def filters(self) -> dict[str, str]:
        """As the query has them, checked. Raises BadParameter."""
        self.cleaned(FILTERS, also=(SIZE, LANG))
        query = self.request.query_params
        return {name: query[name] for name in FILTERS if name in query}

    @property
    def of_verdict(self) -> dict[str, Any]:
        """Those of the verdict itself, as lookups."""
        return lookups(VERDICT_FILTERS, self.filters)

    @property
    def size(self) -> int:
        return page_size(self.request.query_params)

    @property
    def site(self) -> str:
        return site_of(self.request)

    @property
    def address(self) -> str:
        return address_of(self.request)

    # How it is told

    def atom(self, told: Told) -> HttpResponse:
        return self.written(lambda it: feeds.atom(told(it)), feeds.Atom.content_type)

    def json(self, told: Told) -> HttpResponse:
        return self.written(lambda it: orjson.dumps(feeds.json_feed(told(it))), JSON_FEED)

    def written(self, write: Callable[[str], bytes], media_type: str) -> HttpResponse:
        """write: makes the body, in a language."""
        with self.in_language() as language:
            modified = record_modified()  # before anything is read that may change meanwhile
            return self.sent(
                write(language),
                media_type=media_type,
                language=language,
                cached=CACHED,
                modified=modified,
            )


def of_ids(ids: list[Any]) -> Iterator[Any]:
    return map(orjson.loads, of_verdicts().documents(ids))
