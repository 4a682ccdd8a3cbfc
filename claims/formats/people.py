"""Bodies of requests by which people come in, and say who they are."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from claims.formats.fields import Body, Choice, Context, Id, Instant, Name
from claims.models import User
from claims.vocabulary import Role

LONGEST_INVITATION = timedelta(days=90)


class Username(Name):
    """What somebody signs in by. No `@`, so that it is never somebody else's e-mail address."""

    default_error_messages = {
        "username": gettext_lazy("Letters, digits, and . + - _ are what a username is made of.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=150, **kwargs)

    def to_internal_value(self, data: object) -> str:
        # As it is stored: what it is made of is asked of that.
        value = User.normalize_username(super().to_internal_value(data))
        if not re.fullmatch(r"[\w.+-]{1,150}", value):
            self.fail("username")
        return value


class Email(Name):
    default_error_messages = {"email": gettext_lazy("This is not an e-mail address.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: object) -> str:
        value = super().to_internal_value(data)
        try:
            validate_email(value)
        except ValidationError:
            self.fail("email")
        return value


class Password(Context):
    """Verbatim: a space is a character of it. Nobody is told what is in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1_000, style={"input_type": "password"}, **kwargs)


class InvitationIn(Body):
    role = Choice(choices=Role.choices)
    name = Name(required=False, allow_null=True, help_text="Of whom it is for, where you know.")
    email = Email(
        required=False, allow_null=True, help_text="Of whom it is for: the account will have it."
    )
    expires_at = Instant(
        required=False,
        help_text="A week from now where nothing is said; 90 days at most, and no later than "
        "the key ends by which it is made.",
    )

    def validate_expires_at(self, expires_at: datetime) -> datetime:
        now = timezone.now()
        if expires_at <= now:
            raise serializers.ValidationError(_("This is past already."))
        if expires_at > now + LONGEST_INVITATION:
            raise serializers.ValidationError(_("An invitation is good for 90 days at most."))
        return expires_at


class AcceptanceIn(Body):
    token = Name(max_length=80, help_text="Of the link: what stands behind `#`.")
    name = Name(required=False, help_text="By which your colleagues are to see you.")
    username = Username(required=False, help_text="For a new account; leave it out if signed in.")
    password = Password(required=False, help_text="Twelve characters at least.")


class SignInIn(Body):
    username = Name(max_length=254, help_text="Or the e-mail address.")
    password = Password(help_text="As it was chosen.")
    code = Name(
        max_length=40,
        required=False,
        help_text="A one-time code or a recovery code, where codes are switched on.",
    )
    member = Id(required=False, help_text="As which of your memberships to act.")


class ChoiceIn(Body):
    member = Id(help_text="As which of your memberships to act from now on.")


class PasswordIn(Body):
    password = Password(help_text="The one that is good until now.")
    new_password = Password(help_text="Twelve characters at least.")


class AgainIn(Body):
    password = Password(help_text="Once more: a session alone is not enough for this.")


class CodeIn(Body):
    code = Name(max_length=40, help_text="That the app shows now.")


class AgainWithCodeIn(AgainIn):
    code = Name(max_length=40, help_text="A one-time code or a recovery code.")
