"""One-time codes of an authenticator app (TOTP, RFC 6238), and the codes for when it is lost.

The codes are made by `cryptography`, which signs the log already: no other package is needed.
"""

import base64
import hashlib
import hmac
import os
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.sealing import SealBroken, seal, sealed_anew, unseal
from claims.errors import Invalid, SecondFactorRefused
from claims.models import SecondFactor, User

STEP = 30  # seconds that a code is shown for
DIGITS = 6
AROUND = (0, -1, 1)  # steps: clocks differ, and it takes a while to type
ISSUER = "Isnad"
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Begun:
    """What the app is told, once. secret: base32; uri: the same, as its QR code says it."""

    secret: str
    uri: str


@transaction.atomic
def begin(*, user: User) -> Begun:
    """A new secret, of which the first code has to be shown. Raises SecondFactorRefused."""
    known = SecondFactor.objects.select_for_update().filter(user=user).first()
    if known is not None and known.confirmed_at is not None:
        raise SecondFactorRefused(_("One-time codes are on: switch them off first."))
    key = os.urandom(20)
    secret = base64.b32encode(key).decode()
    SecondFactor.objects.update_or_create(
        user=user, defaults={"secret": seal(secret), "last_step": 0, "recovery": []}
    )
    uri = TOTP(key, DIGITS, SHA1(), STEP).get_provisioning_uri(user.get_username(), ISSUER)  # noqa: S303
    return Begun(secret, uri)


@transaction.atomic
def confirm(*, user: User, code: str) -> list[str]:
    """Ask for codes from now on; the recovery codes, told once.

    Raises SecondFactorRefused, Invalid.
    """
    known = SecondFactor.objects.select_for_update().filter(user=user).first()
    if known is None or known.confirmed_at is not None:
        raise SecondFactorRefused(_("Begin with a new secret: POST session/totp/."))
    step = step_of(known, code)
    if step is None:
        raise Invalid.at("#/code", _("This is not the code that the app shows now."))
    codes = [recovery_code() for _n in range(RECOVERY_CODES)]
    known.confirmed_at, known.last_step = timezone.now(), step
    known.recovery = [digest_of(it) for it in codes]
    known.save(update_fields=["confirmed_at", "last_step", "recovery"])
    return codes


def remove(*, user: User) -> None:
    """Ask for codes no more. Raises SecondFactorRefused."""
    removed, _kinds = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).delete()
    if not removed:
        raise SecondFactorRefused(_("One-time codes are off already."))


def is_needed(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


@transaction.atomic
def spend(*, user: User, code: str) -> bool:
    """Whether it is a code of this person that was not used before. It is used by this."""
    known = (
        SecondFactor.objects.select_for_update()
        .filter(user=user, confirmed_at__isnull=False)
        .first()
    )
    if known is None:
        return False
    step = step_of(known, code)
    if step is not None:
        known.last_step = step
    elif (digest := digest_of(code)) in known.recovery:
        known.recovery.remove(digest)
    else:
        return False
    known.save(update_fields=["secret", "last_step", "recovery"])
    return True


def step_of(known: SecondFactor, code: str) -> int | None:
    """The time step that it is the code of, of those that are good now and after the last one."""
    try:
        secret = unseal(bytes(known.secret))
    except SealBroken:  # SECRET_KEY is another one: recovery codes are good still
        return None
    known.secret = sealed_anew(bytes(known.secret)) or known.secret
    codes = HOTP(base64.b32decode(secret), DIGITS, SHA1())  # noqa: S303
    now = int(time.time()) // STEP
    typed = code.replace(" ", "").encode()
    found = None
    for step in (now + it for it in AROUND):
        # All are compared, so that the time it takes tells nothing.
        if hmac.compare_digest(codes.generate(step), typed) and step > known.last_step:
            found = step
    return found


def recovery_code() -> str:
    """80 random bits, as ABCD-EFGH-IJKL-MNOP."""
    letters = base64.b32encode(os.urandom(10)).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def digest_of(code: str) -> str:
    """Written with or without strokes, in small letters or capitals."""
    plain = code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()
