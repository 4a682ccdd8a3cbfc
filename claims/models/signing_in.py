"""What signing in needs: rows that serve a while and go, no part of the record."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now

from claims.models.base import Disposable

if TYPE_CHECKING:
    from uuid import UUID


class Session(AbstractBaseSession, Disposable):
    """A browser in which somebody is signed in. Its key is a SHA-256: the cookie is no row.

    user, member: whose it is, and as whom it acts, so that it can be ended along with them.
    """

    user_id: "UUID | None"
    member_id: "UUID | None"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey("claims.Member", models.PROTECT, null=True, related_name="+")

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"until {self.expire_date}"


class SignInTry(Disposable):
    """How often somebody tried to sign in, since a moment. bucket: a keyed hash of who it was."""

    bucket = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    began_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return f"{self.count} since {self.began_at}"


class SecondFactor(Disposable):
    """The secret that a person's one-time codes are made of (TOTP, RFC 6238).

    secret: sealed (`claims.actions.sealing`). confirmed_at: since when it is asked for; null until
    the first code was shown. last_step: the time step of the last code that was used: neither it
    nor an older one is good again. recovery: SHA-256 of codes that are good once each, in
    hexadecimal digits.
    """

    user_id: "UUID"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="second_factor"
    )
    secret = models.BinaryField(editable=False)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(db_default=0)
    recovery = ArrayField(models.CharField(max_length=64), default=list)

    def __str__(self) -> str:
        return f"of {self.user_id}"
