from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.desks import (
    add_member,
    create_api_key,
    edit_member,
    edit_organization,
    leave,
    revoke_api_key,
)
from claims.api.filtering import SourceFilters
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.errors import Fault, Forbidden, Invalid, NotFound
from claims.formats.answers import MemberNamed
from claims.formats.desk import MemberEdit, MemberIn, OrganizationEdit
from claims.formats.requests import ApiKeyIn
from claims.models import ApiKey, Member, Organization
from claims.moves import Rule
from claims.vocabulary import Role, Scope


class OrganizationOut(serializers.ModelSerializer):
    class Meta:
        model = Organization
        fields = ["id", "name", "url", "external_site", "review_policy", "created_at"]


@extend_schema_view(
    list=extend_schema(summary="List organizations"),
    retrieve=extend_schema(summary="Read an organization"),
)
class Organizations(Resource):
    """Fact-checking organizations. An operator makes them; their editors keep them."""

    resource = "organizations"
    model = Organization
    answers = OrganizationOut
    asks = {"partial_update": OrganizationEdit}
    filterset = SourceFilters

    @extend_schema(summary="Edit your organization", request=OrganizationEdit)
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        organization_id = self.id_of(pk)
        if organization_id != self.member.organization_id:
            self.tag_of(organization_id)
            raise Forbidden.by(Rule.ITS_OWN_EDITORS)
        organization = edit_organization(
            organization_id=organization_id,
            changes=self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(organization)


class MemberOut(serializers.ModelSerializer):
    class Meta:
        model = Member
        fields = ["id", "organization", "name", "role", "ended_at", "erased_at", "created_at"]


class OfOwnDesk(Resource):
    """What is under the path of an organization, and its own business."""

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(organization_id=self.own_organization())

    def own_organization(self) -> UUID:
        """Of another organization, nobody learns who its members are."""
        organization_id = self.id_of(self.kwargs["organization"])
        if organization_id != self.member.organization_id:
            raise NotFound(_("There is nothing with this id that you may see."))
        return organization_id


@extend_schema_view(
    list=extend_schema(summary="List the members of your organization"),
    retrieve=extend_schema(summary="Read a member"),
)
class Members(OfOwnDesk):
    """People at your organization, and their roles. In a path, `me` is the one who asks."""

    resource = "members"
    model = Member
    answers = MemberOut
    asks = {"create": MemberIn, "partial_update": MemberEdit}

    def id_of(self, text: str) -> UUID:
        return self.member.pk if text == "me" else super().id_of(text)

    @extend_schema(summary="Add a member", request=MemberIn)
    @writes
    def create(self, request: Request, organization: str) -> Response:
        self.own_organization()
        member = add_member(
            organization=self.member.organization, **self.asked(request), by=self.member
        )
        return self.created(member, at=f"/api/v1/organizations/{organization}/members/{member.pk}/")

    @extend_schema(
        summary="Change a member's name or role, or end the membership",
        description="With an admin's role end the open invitations of that admin, and the keys "
        "that the admin has made for colleagues: their secrets are known to one who is admin no "
        "more.",
        request=MemberEdit,
    )
    @writes
    def partial_update(self, request: Request, organization: str, pk: str) -> Response:
        member = edit_member(
            member_id=self.seen(pk),
            changes=self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(member)

    @extend_schema(
        summary="Leave the organization",
        description="Your keys are revoked and your sessions end; what you found stays, under the "
        "name of the organization.",
        request=None,
        responses={200: MemberOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def leave(self, request: Request, organization: str, pk: str) -> Response:
        self.refuse_body(request)
        if self.seen(pk) != self.member.pk:
            raise Forbidden.by(Rule.FOR_ONESELF)
        return self.told(leave(by=self.member))


class ApiKeyOut(serializers.ModelSerializer):
    member = MemberNamed()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))

    class Meta:
        model = ApiKey
        fields = [
            "id",
            "member",
            "label",
            "hint",
            "scopes",
            "expires_at",
            "revoked_at",
            "created_at",
        ]


class NewApiKey(ApiKeyOut):
    key = serializers.CharField(
        allow_null=True,
        help_text="The key itself: keep it safe. Null where the answer is told a second time.",
    )

    class Meta(ApiKeyOut.Meta):
        fields = [*ApiKeyOut.Meta.fields, "key"]


@extend_schema_view(
    list=extend_schema(
        summary="List your API keys", description="An admin sees those of the organization."
    ),
    retrieve=extend_schema(summary="Read an API key, without its secret"),
)
class ApiKeys(Resource):
    """Keys by which programs act as you. Only a hash of each is stored."""

    resource = "api-keys"
    model = ApiKey
    answers = ApiKeyOut
    asks = {"create": ApiKeyIn}

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        member = self.member
        if member.may_act_as(Role.ADMIN):
            return rows.filter(member__organization_id=member.organization_id)
        return rows.filter(member=member)

    @extend_schema(summary="Make an API key", request=ApiKeyIn, responses={201: NewApiKey})
    @writes
    def create(self, request: Request) -> Response:
        asked = self.asked(request)
        key, secret = create_api_key(
            member=self.holder(asked.pop("member", None)),
            **asked,
            through=self.key,
            by=self.member,
        )
        response = self.created(key, at=f"/api/v1/api-keys/{key.pk}/")
        response.data = {**response.data, "key": secret}
        response.told_once = ["key"]  # type: ignore[attr-defined]
        return response

    def holder(self, member_id: UUID | None) -> Member:
        me = self.member
        if member_id in (None, me.pk):
            return me
        member = Member.objects.filter(
            pk=member_id, organization_id=me.organization_id, ended_at__isnull=True
        ).first()
        if member is None:
            detail = _("Your organization has no such member.")
            raise Invalid(detail, faults=[Fault(detail, pointer="#/member")])
        return member

    @extend_schema(summary="Revoke an API key for good", request=None, responses={200: ApiKeyOut})
    @action(detail=True, methods=["post"])
    @writes
    def revoke(self, request: Request, pk: str) -> Response:
        self.refuse_body(request)
        key = revoke_api_key(key_id=self.seen(pk), by=self.member)
        return self.told(key)
