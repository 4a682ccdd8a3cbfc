"""The Google Fact Check Tools API, v1alpha1, from the root of the site.

A thin edge: its searches are those of `claims/`, its pages are filed by the import of reviews. What
it says in its own words is decided in `claims.formats.google`; `claims.api.google_ways` sees to
keys in addresses, and to refusals. It is not in our OpenAPI description: docs/adr/0036 says why.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Exists, QuerySet
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.pages import create_page, delete_page, on, update_page
from claims.api import searching
from claims.api.authentication import KeyAuthentication
from claims.api.callers import who
from claims.api.composed import fetched
from claims.api.filtering import ClaimFilters, LanguageField
from claims.api.google_ways import written
from claims.api.idempotency import writes
from claims.api.pagination import CURSOR, ORDERING, SIZE, Pages, refused
from claims.api.rendering import Json
from claims.api.resource import Resource, is_utf8
from claims.errors import BadCursor, BadParameter, Fault, Invalid, NotFound
from claims.formats import claimreview_in, google, partial
from claims.formats.answers import OrganizationNamed, SpeakerNamed
from claims.formats.claimreview_in.values import address, site_of
from claims.formats.fields import Body
from claims.models import Claim, Verdict
from claims.queries import documents, pages, reviewing
from claims.queries import search as found
from claims.queries.pages import Page
from claims.text.searching import Search, Unsearchable, search

DEFAULT_SIZE, MOST = 10, 200
MOST_OFFSET = 10_000
MOST_PUBLISHERS = 100  # that a search asks the index for
SIFTED = 2_000  # claims that are looked at for a page by date of review, which no index knows
INT32 = 2**31 - 1

QUERY, SITE, AGE = "query", "reviewPublisherSiteFilter", "maxAgeDays"
LANGUAGE, PAGE_SIZE, PAGE_TOKEN, OFFSET = "languageCode", "pageSize", "pageToken", "offset"
PAGING = (PAGE_SIZE, PAGE_TOKEN, OFFSET)

# What every method of Google's takes. quotaUser: whose quota it counts against, which is that of
# the key here; $.xgafv: the form of errors, of which there is one.
KEY, ALT, PRETTY, FIELDS = "key", "alt", "prettyPrint", "fields"
SYSTEM = {KEY, ALT, PRETTY, FIELDS, "quotaUser", "$.xgafv"}

Asked = dict[str, str]


class Pretty(Json):
    """JSON as Google sends it, with indentation unless the caller does without."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        context = renderer_context or {}
        if context["response"].exception:
            return super().render(data, accepted_media_type, renderer_context)
        view = context["view"]
        return written(partial.selected(data, view.selection), is_pretty=view.is_pretty)


class GoogleApi(Resource):
    """What all of its methods have in common."""

    schema = None
    authentication_classes = [KeyAuthentication]
    renderer_classes = [Json]
    selection: partial.Selection | None = None
    is_pretty = True

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        return Pretty(), Pretty.media_type

    def parameters(self, *known: str) -> Asked:
        """Those of the query, by their names in JSON; empty ones count as not sent.

        Raises BadParameter.
        """
        asked, faults = {}, []
        for given, values in self.request.query_params.lists():
            name = given if given in SYSTEM else google.camel(given)
            if name not in SYSTEM and name not in known:
                there = ", ".join(sorted({*known, *SYSTEM}))
                detail = _("There is no such parameter here.") + " " + _("There are: %s.") % there
                faults.append(Fault(detail, parameter=given[:80]))
            elif len(values) > 1 or name in asked:
                faults.append(Fault(_("Send this parameter once."), parameter=name))
            elif "\0" in values[0]:
                detail = _("A text cannot hold the character NUL.")
                faults.append(Fault(detail, parameter=name))
            elif "\ufffd" in values[0] and not is_utf8(self.request):
                faults.append(Fault(_("Send it in UTF-8."), parameter=name))
            elif values[0]:
                asked[name] = values[0]
        if faults:
            raise BadParameter(_("See errors for each parameter and its mend."), faults=faults)
        self.present_as(asked)
        return {name: value for name, value in asked.items() if name not in SYSTEM}

    def present_as(self, asked: Asked) -> None:
        """What the parameters of every method say. Raises BadParameter."""
        if asked.get(ALT, "json") != "json":
            raise refused(ALT, _("Send json, or leave it out."))
        if asked.get(PRETTY, "true") not in {"true", "false", "1", "0"}:
            raise refused(PRETTY, _("Send true or false."))
        self.is_pretty = asked.get(PRETTY, "true") in {"true", "1"}
        if FIELDS in asked:
            try:
                self.selection = partial.selection(asked[FIELDS])
            except partial.BadSelection:
                detail = _("Send names of fields, such as: claims(text,claimReview/url).")
                raise refused(FIELDS, detail) from None

    def asked(self, request: Request, *, known: Collection[str] = ()) -> dict[str, Any]:
        self.parameters()
        return super().asked(request, known=tuple(request.query_params))


def whole(asked: Asked, name: str, default: int = 0) -> int:
    """A number from 0. Raises BadParameter."""
    text = asked.get(name, str(default))
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) > INT32:
        raise refused(name, _("Send a whole number from 0 to %d.") % INT32)
    return int(text)


def size_of(asked: Asked) -> int:
    """Of a page; 0 is the default, and more than the most is the most. Raises BadParameter."""
    return min(whole(asked, PAGE_SIZE) or DEFAULT_SIZE, MOST)


def offset_of(asked: Asked) -> int:
    """How many are skipped, which counts on a first page alone. Raises BadParameter."""
    offset = whole(asked, OFFSET)
    if PAGE_TOKEN in asked:
        return 0
    if offset > MOST_OFFSET:
        detail = _("Skip at most %d; further on, follow nextPageToken.") % MOST_OFFSET
        raise refused(OFFSET, detail)
    return offset


def site_asked(asked: Asked, name: str) -> str | None:
    """A site as we know it, whether it was sent as a host or as an address. Raises BadParameter."""
    if name not in asked:
        return None
    text = asked[name]
    url = address(text if "://" in text else f"https://{text}")
    site = None if url is None else site_of(url)
    if site is None:
        raise refused(name, _("Send the name of a site, such as example.org."))
    return site


def not_a_token() -> BadParameter:
    detail = _("Start again without pageToken; keep all else while you follow nextPageToken.")
    return refused(PAGE_TOKEN, detail)


# Claims


class ReviewSaid(serializers.ModelSerializer):
    organization = OrganizationNamed()

    class Meta:
        model = Verdict
        fields = ["organization", "outcome", "label", "url", "title", "language", "date_published"]


class ClaimSaid(serializers.ModelSerializer):
    """A claim with what a search tells of it."""

    speaker = SpeakerNamed(allow_null=True)
    verdicts = ReviewSaid(source="standing_verdicts", many=True)

    class Meta:
        model = Claim
        fields = ["id", "text", "speaker", "stated_on", "verdicts"]


class Tokens(Pages):
    """Pages that are followed by a token in place of an address.

    asked: all that a token is bound to.
    """

    def __init__(
        self, path: str, ordering: str, size: int, token: str | None, asked: Asked
    ) -> None:
        query = QueryDict(mutable=True)
        query.update({**asked, SIZE: str(size), ORDERING: ordering})
        if token is not None:
            query[CURSOR] = token
        like_ours: Any = SimpleNamespace(query_params=query, path=path)
        try:
            super().__init__(like_ours, searching.ORDERINGS)
        except BadCursor:
            raise not_a_token() from None


class Published(searching.Searching):
    """Claims with reviews that are published, by words or by who published them."""

    def __init__(
        self,
        pages: Pages,
        search: Search,
        language: str | None,
        *,
        site: str | None,
        since: date | None,
        skipped: int,
    ) -> None:
        asked = {"language": language, "has_verdict": True}
        super().__init__(GoogleClaims, pages, search, asked)
        self.reviews = reviewing.published(site=site, since=since)
        self.told_by_tags, self.by_date = False, since is not None
        self.skipped = skipped
        by = None if site is None else reviewing.publishers(site, most=MOST_PUBLISHERS)
        self.is_empty = by == []
        if by:
            self.tags += f" & ({' | '.join(found.by_organization(it) for it in by)})"

    @property
    def most(self) -> int:
        """Of what is ranked, what is beyond that is not there to be skipped."""
        return (
            super().most if self.ranked else max(super().most, self.skipped + self.pages.size + 1)
        )

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(Exists(self.reviews))


class GoogleClaims(GoogleApi):
    """Claims that were reviewed."""

    resource = "google-claims"
    model = Claim
    answers = ClaimSaid
    made_of = staticmethod(documents.claims)
    filterset = ClaimFilters

    def search(self, request: Request) -> Response:
        asked = self.parameters(QUERY, LANGUAGE, SITE, AGE, *PAGING)
        words = self.words(asked)
        site, since = site_asked(asked, SITE), self.since(asked)
        by_relevance = f"-{found.RELEVANCE}"
        tokens = Tokens(
            request.path,
            by_relevance if words.all else searching.ORDERINGS[0],
            size_of(asked),
            asked.get(PAGE_TOKEN),
            {name: it for name, it in asked.items() if name not in PAGING},
        )
        language = self.language(asked)
        searched = Published(
            tokens, words, language, site=site, since=since, skipped=offset_of(asked)
        )
        if searched.is_empty:
            return Response({})
        statement = searched.statement(self.composer(), who(None), "SELECT NULL::text")
        page = searching.Found(searched, fetched(statement, **searched.given))
        read, more = page.read()
        told = [google.claim(it, site=site, since=since) for it in page.parsed]
        claims = [it for it in told if it is not None]
        return Response(
            ({"claims": claims} if claims else {})
            | ({"nextPageToken": tokens.token(read[-1])} if more else {})
        )

    def image_search(self, request: Request) -> HttpResponse:
        self.parameters("imageUri", LANGUAGE, *PAGING)
        refusal = google.unimplemented(_("Claims cannot be searched by image here."))
        return HttpResponse(written(refusal), status=501, content_type=Json.media_type)

    def words(self, asked: Asked) -> Search:
        """Raises BadParameter."""
        if QUERY not in asked:
            if SITE not in asked:
                raise refused(QUERY, _("Send query, reviewPublisherSiteFilter, or both."))
            return Search(all=(), without=(), folded=True)
        try:
            return search(asked[QUERY])
        except Unsearchable as unsearchable:
            raise refused(QUERY, searching.why(unsearchable.reason)) from None

    def language(self, asked: Asked) -> str | None:
        """Without its region, as Google does. Raises BadParameter."""
        if LANGUAGE not in asked:
            return None
        try:
            tag = LanguageField().clean(asked[LANGUAGE])
        except ValidationError as wrong:
            raise refused(LANGUAGE, wrong.messages[0]) from None
        language, *more = str(tag).split("-")
        return "-".join([language, *(it for it in more[:1] if len(it) == 4 and it.isalpha())])

    def since(self, asked: Asked) -> date | None:
        """The earliest day of a review. Raises BadParameter."""
        days = whole(asked, AGE)
        today = timezone.now().date()
        oldest = (today - date.min).days
        return today - timedelta(days=min(days, oldest)) if days else None


# Pages


class PageIn(Body):
    """A page with its reviews, as Google describes it."""

    def to_internal_value(self, data: Any) -> Any:
        return google.page_sent(data)


class GooglePages(GoogleApi):
    """Pages of reviews. Whoever files one speaks for the organization of its site."""

    resource = "google-pages"
    model = Verdict
    answers = serializers.Serializer
    asks = {"create": PageIn, "update": PageIn}

    def list(self, request: Request) -> Response:  # type: ignore[override]
        asked = self.parameters("url", "organization", *PAGING)
        if ("url" in asked) == ("organization" in asked):
            detail = _("Send url or organization, and not both.")
            raise refused("organization" if "url" in asked else "url", detail)
        size, offset = size_of(asked), offset_of(asked)
        if "url" in asked:
            url = address(asked["url"])
            if url is None:
                raise refused("url", _("Send the address of the page: https://…"))
            return self.answer_with(*self.at(url))
        site = site_asked(asked, "organization")
        assert site is not None
        signer = signing.Signer(salt=f"pages:{site}")
        after = self.after(asked, signer)
        organization = pages.organization_of(site)
        if organization is None:
            return Response({})
        listed = pages.of(organization, after=after, offset=offset, most=size + 1)
        more = listed[size - 1].digest if len(listed) > size else None
        return self.answer_with(listed[:size], None if more is None else signer.sign_object(more))

    def after(self, asked: Asked, signer: signing.Signer) -> str | None:
        """The digest of the page before. Raises BadParameter."""
        if PAGE_TOKEN not in asked:
            return None
        try:
            return str(signer.unsign_object(asked[PAGE_TOKEN]))
        except (signing.BadSignature, ValueError, TypeError):
            raise not_a_token() from None

    def at(self, url: str) -> tuple[Sequence[Page], None]:
        organization = pages.organization_of(str(site_of(url)))
        if organization is None:
            return [], None
        page = pages.there(pages.spelled(organization, url))
        return ([] if page is None else [page]), None

    def answer_with(self, listed: Sequence[Page], token: str | None) -> Response:
        on_them = pages.on(listed)
        told = [document(page, on_them[page]) for page in listed if page in on_them]
        return Response(
            ({"claimReviewMarkupPages": told} if told else {})
            | ({"nextPageToken": token} if token else {})
        )

    def retrieve(self, request: Request, pk: str) -> Response:  # type: ignore[override]
        self.parameters()
        return self.page_now(self.page(pk))

    @writes
    def create(self, request: Request) -> Response:
        sent = google.reviews_on(self.asked(request), self.outcomes)
        return self.page_now(create_page(url=sent.url, reviews=sent.reviews, by=self.member))

    @writes
    def update(self, request: Request, pk: str) -> Response:
        asked = self.asked(request)
        page = self.page(pk)
        standing = on(page)  # what is not there is told before what is wrong with it
        if asked.get("name", f"pages/{pk}") != f"pages/{pk}":
            raise Invalid.at("#/name", _("This is another page than that of the path."))
        if not asked.get("versionId"):
            raise Invalid.at(
                "#/versionId", _("Send the versionId of the page as you have read it.")
            )
        sent = google.reviews_on(asked, self.outcomes, document(page, standing))
        organization = pages.organization_of(str(site_of(sent.url)))
        if organization is None or Page.at(organization, sent.url) != page:
            raise Invalid.at("#/pageUrl", _("A page keeps its address: create another one."))
        update_page(
            page=page,
            version=asked["versionId"],
            reviews=sent.reviews,
            kept={standing[i].pk for i in sent.kept},
            by=self.member,
        )
        return self.page_now(page)

    @writes
    def destroy(self, request: Request, pk: str) -> Response:
        self.parameters()
        delete_page(page=self.page(pk), by=self.member)
        return Response({})

    def page(self, pk: str) -> Page:
        """Raises NotFound."""
        page = Page.called(pk)
        if page is None:
            raise NotFound(_("There is no such page, or no review stands on it."))
        return page

    def page_now(self, page: Page) -> Response:
        """Raises NotFound."""
        return Response(document(page, on(page)))

    @cached_property
    def outcomes(self) -> claimreview_in.Outcomes:
        return claimreview_in.outcomes(settings.CLAIMREVIEW_OUTCOMES or None)


def document(page: Page, reviews: list[Verdict]) -> dict[str, Any]:
    return google.page(page.id, pages.version(reviews), reviews)
