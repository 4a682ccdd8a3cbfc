"""Invitations by link: an admin makes one, somebody comes in by it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.desks import revoke_invitation
from claims.actions.invitations import accept_invitation, invite
from claims.api.authentication import person_of
from claims.api.desks import OfOwnDesk
from claims.api.idempotency import writes
from claims.api.reviews import site_of
from claims.api.session import SessionOut, Sessions, open_session, remember_device
from claims.formats.answers import MemberNamed
from claims.formats.people import AcceptanceIn, InvitationIn
from claims.models import ApiKey, Invitation

USUAL = timedelta(days=7)


def link(site: str, token: str) -> str:
    """To the page where it is accepted. What is behind `#` is sent to no server, so in no log."""
    return f"{site}/join/#{token}"


def usual_end(key: ApiKey | None) -> datetime:
    """Where nothing is said: in a week, or with the key through which somebody is invited."""
    ends = timezone.now() + USUAL
    return min(ends, key.expires_at) if key is not None and key.expires_at else ends


class InvitationOut(serializers.ModelSerializer):
    created_by = MemberNamed(allow_null=True)
    accepted_by = MemberNamed(allow_null=True)

    class Meta:
        model = Invitation
        fields = [
            "id",
            "organization",
            "role",
            "name",
            "email",
            "expires_at",
            "revoked_at",
            "accepted_at",
            "accepted_by",
            "created_at",
            "created_by",
        ]


class NewInvitation(InvitationOut):
    token = serializers.CharField(
        allow_null=True,
        help_text="What lets somebody in. Null where the answer is told a second time.",
    )
    link = serializers.CharField(
        allow_null=True,
        help_text="Send it to the person, to nobody else. Null where the answer is told a second "
        "time.",
    )

    class Meta(InvitationOut.Meta):
        fields = [*InvitationOut.Meta.fields, "token", "link"]


def invitations() -> QuerySet[Invitation]:
    return Invitation.objects.select_related("created_by", "accepted_by")


@extend_schema_view(
    list=extend_schema(summary="List the invitations of your organization"),
    retrieve=extend_schema(summary="Read an invitation, without its link"),
)
class Invitations(OfOwnDesk):
    """Links by which people become members, once each. Only a hash of each is stored."""

    resource = "invitations"
    model = Invitation
    answers = InvitationOut
    made_of = staticmethod(invitations)
    asks = {"create": InvitationIn}

    @extend_schema(summary="Invite", request=InvitationIn, responses={201: NewInvitation})
    @writes
    def create(self, request: Request, organization: str) -> Response:
        self.own_organization()
        asked = {"expires_at": usual_end(self.key)} | self.asked(request)
        invitation, token = invite(
            organization=self.member.organization, **asked, through=self.key, by=self.member
        )
        at = f"/api/v1/organizations/{organization}/invitations/{invitation.pk}/"
        response = self.created(invitation, at=at)
        secret = {"token": token, "link": link(site_of(request), token)}
        response.data = {**response.data, **secret}
        response.told_once = [*secret]  # type: ignore[attr-defined]
        return response

    @extend_schema(
        summary="Revoke an invitation for good", request=None, responses={200: InvitationOut}
    )
    @action(detail=True, methods=["post"])
    @writes
    def revoke(self, request: Request, organization: str, pk: str) -> Response:
        self.refuse_body(request)
        invitation = revoke_invitation(invitation_id=self.seen(pk), by=self.member)
        return self.told(invitation)


class Acceptances(Sessions):
    """Coming in by a link."""

    resource = "invitations"
    asks = {"accept": AcceptanceIn}

    @extend_schema(
        summary="Accept an invitation",
        description="Makes an account and signs it in; or, of a person who is signed in, makes a "
        "member of the organization.",
        request=AcceptanceIn,
        responses={201: SessionOut},
    )
    @transaction.atomic
    def accept(self, request: Request) -> Response:
        self.refuse_keys()
        member = accept_invitation(**self.asked(request), user=person_of(request))
        assert member.user is not None
        open_session(self.bare, member.user, member)
        response = self.told_session(member, status=201)
        remember_device(response, member.user)
        return response
