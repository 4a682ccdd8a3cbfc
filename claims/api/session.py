"""Signing in with a browser: who somebody is, and as which member a session acts."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions import second_factor, signing_in
from claims.api.authentication import person_of
from claims.api.rates import PerCaller
from claims.api.resource import Resource
from claims.api.session_store import MEMBER, row_of
from claims.errors import Fault, Forbidden, Invalid, NotAuthenticated
from claims.formats.answers import OrganizationNamed
from claims.formats.people import (
    AgainIn,
    AgainWithCodeIn,
    ChoiceIn,
    CodeIn,
    PasswordIn,
    SignInIn,
)
from claims.models import ApiKey, Member, User
from claims.moves import Rule

DEVICE = "isnad_device"
"""The cookie of a browser in which somebody was signed in (claims.actions.tries)."""


class MembershipOut(serializers.ModelSerializer):
    organization = OrganizationNamed()

    class Meta:
        model = Member
        fields = ["id", "organization", "name", "role"]


class PersonOut(serializers.ModelSerializer):
    totp = serializers.BooleanField(help_text="Whether one-time codes are asked for.")

    class Meta:
        model = User
        fields = ["id", "username", "email", "totp"]
        extra_kwargs = {"username": {"help_text": "What the person signs in by."}}


class SessionOut(serializers.Serializer):
    """Who asks, and as whom."""

    person = PersonOut(
        allow_null=True, help_text="Who is signed in; null for a key, and for anyone."
    )
    member = MembershipOut(allow_null=True, help_text="As whom requests are carried out.")
    memberships = MembershipOut(many=True, help_text="That the person can choose from.")
    csrf_token = serializers.CharField(
        allow_null=True,
        help_text="Send it as X-CSRFToken with every write of this browser; null for a key.",
    )


class SecretOut(serializers.Serializer):
    secret = serializers.CharField(help_text="For the app, in base32. It is told this once.")
    uri = serializers.CharField(help_text="The same, for a QR code: otpauth://totp/…")


class RecoveryOut(serializers.Serializer):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Each is good once, instead of a code. They are told this once: keep them safe.",
    )


def open_session(request: HttpRequest, user: User, member: Member | None) -> None:
    """Sign the browser in, under a new key, so that no earlier one is worth anything."""
    request.session.flush()
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    if member is not None:
        request.session[MEMBER] = str(member.pk)
    request.person = user  # type: ignore[attr-defined]


def remember_device(response: Any, user: User) -> None:
    response.set_cookie(
        DEVICE,
        signing_in.device_of(user),
        max_age=signing_in.DEVICE_KNOWN_FOR,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def membership(user: User, member_id: UUID | None) -> Member | None:
    """The one that was asked for, else the first. Raises Invalid."""
    found = signing_in.memberships(user)
    if member_id is None:
        return found.first()
    member = found.filter(pk=member_id).first()
    if member is None:
        detail = _("This is no membership of yours, or it has ended.")
        raise Invalid(detail, faults=[Fault(detail, pointer="#/member")])
    return member


class Sessions(Resource):
    """Signing in with a browser. Programs use keys instead."""

    resource = "session"
    model = Member
    answers = SessionOut
    asks = {
        "sign_in": SignInIn,
        "choose": ChoiceIn,
        "password": PasswordIn,
        "totp": AgainIn,
        "confirm_totp": CodeIn,
        "remove_totp": AgainWithCodeIn,
    }

    def finalize_response(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().finalize_response(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    @property
    def bare(self) -> HttpRequest:
        request: HttpRequest = self.request._request
        return request

    @property
    def address(self) -> str:
        return str(PerCaller().get_ident(self.request))

    def person(self) -> User:
        """Who is signed in. Raises Forbidden for a key, NotAuthenticated for anyone."""
        self.refuse_keys()
        person = person_of(self.request)
        if person is None:
            raise NotAuthenticated(_("Sign in first: POST session/."))
        return person

    def refuse_keys(self) -> None:
        if isinstance(self.request.auth, ApiKey):
            raise Forbidden.by(Rule.FOR_BROWSERS)

    def told_session(self, member: Member | None, *, status: int = 200) -> Response:
        person = person_of(self.request)
        memberships = [] if person is None else list(signing_in.memberships(person))
        if person is not None:
            person.totp = second_factor.is_needed(person)  # type: ignore[attr-defined]
        elif member is not None:
            memberships = [member]
        by_key = isinstance(self.request.auth, ApiKey)
        session = {
            "person": person,
            "member": member,
            "memberships": memberships,
            "csrf_token": None if by_key else get_token(self.bare),
        }
        return Response(SessionOut(session).data, status=status)

    @extend_schema(summary="Read who you are, and as which member you act")
    def show(self, request: Request) -> Response:
        self.refuse_parameters(known=())
        return self.told_session(self.acting())

    @extend_schema(
        summary="Sign in",
        description="From then on the cookie says who you are; every write needs `csrf_token` in "
        "`X-CSRFToken`.",
        request=SignInIn,
        responses={201: SessionOut},
    )
    def sign_in(self, request: Request) -> Response:
        self.refuse_keys()
        asked = self.asked(request)
        user = signing_in.sign_in(
            name=asked["username"],
            password=asked["password"],
            code=asked.get("code", ""),
            address=self.address,
            device=self.bare.COOKIES.get(DEVICE),
        )
        member = membership(user, asked.get("member"))
        open_session(self.bare, user, member)
        response = self.told_session(member, status=201)
        remember_device(response, user)
        return response

    @extend_schema(summary="Sign out", request=None, responses={204: None})
    def sign_out(self, request: Request) -> Response:
        self.refuse_keys()
        self.refuse_parameters(known=())
        auth.logout(self.bare)
        return Response(status=204)

    @extend_schema(
        summary="Act as another of your memberships",
        request=ChoiceIn,
        responses={200: SessionOut},
    )
    def choose(self, request: Request) -> Response:
        person = self.person()
        member = membership(person, self.asked(request)["member"])
        assert member is not None
        self.bare.session[MEMBER] = str(member.pk)
        return self.told_session(member)

    @extend_schema(
        summary="Change your password",
        description="All your other sessions end.",
        request=PasswordIn,
        responses={200: SessionOut},
    )
    def password(self, request: Request) -> Response:
        person = self.person()
        asked = self.asked(request)
        signing_in.confirm_person(user=person, password=asked["password"], address=self.address)
        signing_in.change_password(user=person, password=asked["new_password"])
        member = self.acting()
        open_session(self.bare, person, member)
        return self.told_session(member)

    def acting(self) -> Member | None:
        caller: object = self.request.user
        return caller if isinstance(caller, Member) else None

    @extend_schema(
        summary="Begin with one-time codes",
        description="Show the app the secret, then confirm with its first code.",
        request=AgainIn,
        responses={201: SecretOut},
    )
    def totp(self, request: Request) -> Response:
        person = self.person()
        asked = self.asked(request)
        signing_in.confirm_person(user=person, password=asked["password"], address=self.address)
        begun = second_factor.begin(user=person)
        return Response(SecretOut(begun).data, status=201)

    @extend_schema(
        summary="Switch one-time codes on",
        description="All your other sessions end.",
        request=CodeIn,
        responses={200: RecoveryOut},
    )
    def confirm_totp(self, request: Request) -> Response:
        person = self.person()
        codes = second_factor.confirm(user=person, code=self.asked(request)["code"])
        signing_in.end_sessions(person, but=row_of(self.bare.session))
        return Response(RecoveryOut({"recovery_codes": codes}).data)

    @extend_schema(
        summary="Switch one-time codes off",
        request=AgainWithCodeIn,
        responses={200: SessionOut},
    )
    def remove_totp(self, request: Request) -> Response:
        person = self.person()
        asked = self.asked(request)
        signing_in.confirm_person(user=person, address=self.address, **asked)
        second_factor.remove(user=person)
        return self.told_session(self.acting())
