from datetime import timedelta
from typing import Any

import django_filters as filters
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.webhooks import (
    FILTERS,
    create_webhook,
    edit_webhook,
    ping,
    replay,
    rotate_secret,
)
from claims.api.filtering import Choice
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.delivery.targets import Refused, target_of
from claims.errors import Invalid, NotFound
from claims.formats.requests import ReplayIn, SecretRotation, WebhookEdit, WebhookIn
from claims.models import Attempt, Delivery, Webhook
from claims.queries import documents
from claims.queries.etags import etag
from claims.vocabulary import ChangeType, DeliveryState


class WebhookFilters(serializers.ModelSerializer):
    claim = serializers.UUIDField(source=f"{FILTERS['claim']}_id", allow_null=True)
    organization = serializers.UUIDField(source=f"{FILTERS['organization']}_id", allow_null=True)

    class Meta:
        model = Webhook
        fields = ["claim", "status", "language", "organization"]


class WebhookOut(serializers.ModelSerializer):
    types = serializers.ListField(child=serializers.ChoiceField(choices=ChangeType.choices))
    filters = WebhookFilters(source="*")

    class Meta:
        model = Webhook
        fields = [
            "id",
            "url",
            "types",
            "filters",
            "paused_at",
            "pause_reason",
            "ended_at",
            "previous_secret_ends_at",
            "created_at",
        ]


class NewSecret(WebhookOut):
    secret = serializers.CharField(
        allow_null=True,
        help_text="Signs what is sent. Null where the answer is told a second time.",
    )

    class Meta(WebhookOut.Meta):
        fields = [*WebhookOut.Meta.fields, "secret"]


class AttemptOut(serializers.ModelSerializer):
    class Meta:
        model = Attempt
        fields = ["ordinal", "started_at", "duration_ms", "status", "error", "answer_head"]


class DeliveryOut(serializers.ModelSerializer):
    number = serializers.IntegerField(
        allow_null=True, help_text="Of the change in the feed; null for a ping."
    )
    attempts = AttemptOut(many=True)

    class Meta:
        model = Delivery
        fields = ["id", "number", "claim", "state", "attempts", "next_attempt_at", "created_at"]


@extend_schema_view(
    list=extend_schema(summary="List the webhooks of your organization"),
    retrieve=extend_schema(summary="Read a webhook, without its secret"),
)
class Webhooks(Resource):
    """Addresses that are called when something happens (Standard Webhooks)."""

    resource = "webhooks"
    model = Webhook
    answers = WebhookOut
    asks = {
        "create": WebhookIn,
        "partial_update": WebhookEdit,
        "rotate_secret": SecretRotation,
        "replay": ReplayIn,
    }

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(organization_id=self.member.organization_id)

    @extend_schema(summary="Subscribe", request=WebhookIn, responses={201: NewSecret})
    @writes
    def create(self, request: Request) -> Response:
        asked = callable_at(self.asked(request))
        webhook, secret = create_webhook(**asked, by=self.member)
        response = self.created(webhook, at=f"/api/v1/webhooks/{webhook.pk}/")
        return with_secret(response, secret)

    @extend_schema(summary="Edit, pause, resume or end a webhook", request=WebhookEdit)
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        webhook = edit_webhook(
            webhook_id=self.seen(pk),
            changes=callable_at(self.asked(request)),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(webhook)

    @extend_schema(
        summary="Replace the secret",
        description="Until the old one ends, what is sent is signed with both.",
        request=SecretRotation,
        responses={200: NewSecret},
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    @writes
    def rotate_secret(self, request: Request, pk: str) -> Response:
        asked = self.asked(request)
        webhook, secret = rotate_secret(
            webhook_id=self.seen(pk),
            valid_for=timedelta(seconds=asked["previous_valid_for"]),
            by=self.member,
        )
        return with_secret(self.told(webhook), secret)

    @extend_schema(
        summary="Send a ping",
        description=(
            "Sent at once and once, to a paused webhook too. The answer is its delivery, on its "
            "way still: read it again at `Location` to see what happened."
        ),
        request=None,
        responses={201: DeliveryOut},
    )
    @action(detail=True, methods=["post"], url_path="test")
    @writes
    def ping(self, request: Request, pk: str) -> Response:
        self.refuse_body(request)
        delivery = ping(webhook_id=self.seen(pk))
        return Response(
            DeliveryOut(delivery).data,
            status=201,
            headers={
                "Location": f"/api/v1/webhooks/{pk}/deliveries/{delivery.pk}/",
                "ETag": etag(Delivery, delivery.pk) or "",
            },
        )

    @extend_schema(
        summary="Deliver again, from a number on",
        description="All that the webhook asks for; what was given up, and what was delivered.",
        request=ReplayIn,
        responses={200: WebhookOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def replay(self, request: Request, pk: str) -> Response:
        webhook = replay(webhook_id=self.seen(pk), **self.asked(request), by=self.member)
        return self.told(webhook)


class DeliveryFilters(filters.FilterSet):
    state = Choice(DeliveryState)

    class Meta:
        model = Delivery
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="List what was sent to a webhook, and what waits"),
    retrieve=extend_schema(summary="Read a delivery with its attempts"),
)
class Deliveries(Resource):
    """Changes on their way to a webhook, each with the attempts that were made."""

    resource = "deliveries"
    model = Delivery
    answers = DeliveryOut
    filterset = DeliveryFilters

    made_of = staticmethod(documents.deliveries)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        webhook = Webhook.objects.filter(
            pk=self.id_of(self.kwargs["webhook"]), organization_id=self.member.organization_id
        ).first()
        if webhook is None:
            raise NotFound(_("There is nothing with this id."))
        return rows.filter(webhook=webhook)


def callable_at(asked: dict[str, Any]) -> dict[str, Any]:
    """The body again. Raises Invalid where its address is none that is ever called."""
    if "url" in asked:
        try:
            target_of(asked["url"], private=settings.WEBHOOK_ALLOW_PRIVATE)
        except Refused as refused:
            raise Invalid.at("#/url", refused.detail) from None
    return asked


def with_secret(response: Response, secret: str) -> Response:
    response.data = {**response.data, "secret": secret}
    response.told_once = ["secret"]  # type: ignore[attr-defined]
    return response
