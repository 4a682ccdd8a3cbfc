"""Claims and verdicts with all that reviews, feeds and public pages tell of them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework import serializers

from claims.api.appearances import PassageOut
from claims.api.claims import FactField
from claims.api.composed import Composer, composer
from claims.api.verdicts import VerdictOut
from claims.formats.answers import RatingOut, SpeakerNamed
from claims.formats.claimreview import MOST_APPEARANCES
from claims.models import Appearance, Article, Claim, Organization, Publisher, Speaker, Verdict
from claims.queries import documents


class Reached(serializers.ModelSerializer):
    """An organization of any kind, and where it is found."""

    class Meta:
        fields = ["id", "name", "url"]


class OrganizationReached(Reached):
    class Meta(Reached.Meta):
        model = Organization


class PublisherReached(Reached):
    class Meta(Reached.Meta):
        model = Publisher


class SpeakerTold(serializers.ModelSerializer):
    class Meta:
        model = Speaker
        fields = ["id", "type", "name", "names", "other_names", "same_as", "roles"]


class ArticleTold(serializers.ModelSerializer):
    publisher = PublisherReached()

    class Meta:
        model = Article
        fields = ["id", "headline", "url", "language", "date_published", "publisher"]


class PlaceOut(PassageOut):
    article = ArticleTold()

    class Meta(PassageOut.Meta):
        model = Appearance
        fields = [*PassageOut.Meta.fields, "article"]


class EarlierOut(serializers.ModelSerializer):
    """The verdict that another one has superseded."""

    rating = RatingOut(allow_null=True)

    class Meta:
        model = Verdict
        fields = ["id", "outcome", "label", "rating", "url", "date_published", "issued_at"]


class ReviewOut(VerdictOut):
    organization = OrganizationReached()  # type: ignore[assignment]
    supersedes = EarlierOut(allow_null=True)

    class Meta(VerdictOut.Meta):
        pass


class ClaimNamed(serializers.ModelSerializer):
    speaker = SpeakerNamed(allow_null=True)

    class Meta:
        model = Claim
        fields = ["id", "text", "language", "speaker"]


class EntryOut(ReviewOut):
    """A verdict as a feed tells it."""

    claim = ClaimNamed()

    class Meta(ReviewOut.Meta):
        pass


class ReviewedOut(serializers.ModelSerializer):
    """A claim, where it appears, and the verdicts that stand."""

    speaker = SpeakerTold(allow_null=True)
    fact = FactField(source="*")
    appearances = PlaceOut(source="placed", many=True)
    verdicts = ReviewOut(source="standing_verdicts", many=True)

    class Meta:
        model = Claim
        fields = [
            "id",
            "kind",
            "text",
            "language",
            "status",
            "speaker",
            "fact",
            "speech",
            "stated_on",
            "appearances",
            "verdicts",
            "created_at",
            "changed_at",
        ]


def reviewed_claims() -> QuerySet[Any]:
    return documents.reviewed(MOST_APPEARANCES)


def of_claims() -> Composer:
    return composer(ReviewedOut, reviewed_claims)


def of_verdicts() -> Composer:
    return composer(EntryOut, documents.reviews)


def is_asked_for(verdict: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    """Whether a document of a verdict is what those filters ask for that are of verdicts."""
    own = {"organization": verdict["organization"]["id"], "outcome": verdict["outcome"]}
    return all((filters.get(name) or it).lower() == it for name, it in own.items())


def address_of(request: HttpRequest) -> str:
    """Where this very answer is had from outside."""
    query = request.GET.urlencode()
    return f"{site_of(request)}{request.path}{'?' if query else ''}{query}"


def site_of(request: HttpRequest) -> str:
    """Where Isnad is reached from outside, without a slash at the end."""
    return settings.PUBLIC_URL.rstrip("/") or request.build_absolute_uri("/").rstrip("/")
