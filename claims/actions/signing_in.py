"""Who somebody is: name, password, and a one-time code where the person asks for that."""

from django.contrib.auth import password_validation
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.actions import second_factor, tries
from claims.errors import Fault, Invalid, SignInRefused
from claims.models import Member, Session, User

# One for all, so that nobody learns which accounts there are, or which part was right.
REFUSED = gettext_noop(
    "Check name and password, and send a new one-time code where you have switched codes on."
)

# By the codes of Django's validators, whose own words are not all in Arabic.
RULES = {
    "password_too_short": gettext_noop("Take twelve characters at least: some words, for example."),
    "password_too_similar": gettext_noop("This is too much like your name or address."),
    "password_too_common": gettext_noop("Many people use this, so it is among the first guesses."),
    "password_entirely_numeric": gettext_noop("These are digits alone: add letters or signs."),
}

DEVICE = "isnad: a browser that was signed in"
DEVICE_KNOWN_FOR = 365 * 86_400  # seconds


def sign_in(*, name: str, password: str, code: str, address: str, device: str | None) -> User:
    """The person. Raises TooManyTries, SignInRefused.

    name: username or e-mail address. address: of the network, that tries come from. device: what
    `device_of` gave when the person signed in there before.
    """
    user = account_of(name)
    buckets = buckets_of(user, name, address, device)
    tries.count(buckets)
    if not has_password(user, password) or user is None or not user.is_active:
        raise SignInRefused(_(REFUSED))
    spend_code(user, code)
    tries.give_back(buckets)
    return user


def account_of(name: str) -> User | None:
    """By username, else by e-mail address; whatever the case."""
    by_address = User.objects.filter(Exact(Lower("email"), folded(name))).exclude(email="")
    return named(name) or by_address.first()


def named(username: str) -> User | None:
    """By username alone: as it is written, else whatever the case."""
    found = User.objects.filter(
        Q(username=User.normalize_username(username))
        | Q(Exact(Lower("username"), folded(username)))
    )
    return found.order_by("pk").first()


def folded(name: str) -> str:
    return User.normalize_username(name).lower()


def buckets_of(
    user: User | None, name: str, address: str, device: str | None
) -> list[tries.Bucket]:
    """By the name as it was typed: else tries would tell which address is whose."""
    if user is not None and device is not None and is_device(user, device):
        return tries.of_device(device)
    return tries.of_stranger(folded(name), address)


def has_password(user: User | None, password: str) -> bool:
    """Takes as long where there is no such account."""
    if user is None:
        User().set_password(password)
        return False
    return user.check_password(password)


def spend_code(user: User, code: str) -> None:
    """Raises SignInRefused, TooManyTries."""
    if not second_factor.is_needed(user):
        return
    buckets = tries.of_codes(str(user.pk))
    tries.count(buckets)
    if not second_factor.spend(user=user, code=code):
        raise SignInRefused(_(REFUSED))
    tries.give_back(buckets)


def confirm_person(*, user: User, password: str, code: str = "", address: str) -> None:
    """Of somebody who is signed in, before what a thief of the session may not do.

    Raises Invalid, TooManyTries, SignInRefused.
    """
    buckets = tries.of_stranger(f"again {user.pk}", address)
    tries.count(buckets)
    if not user.check_password(password):
        raise Invalid.at("#/password", _("This is not your password."))
    if code:
        spend_code(user, code)
    tries.give_back(buckets)


def memberships(user: User) -> QuerySet[Member]:
    """Those that have not ended, the oldest first."""
    return (
        Member.objects.select_related("organization")
        .filter(user=user, ended_at__isnull=True)
        .order_by("pk")
    )


# Passwords


@transaction.atomic
def change_password(*, user: User, password: str) -> None:
    """And end all sessions. Raises Invalid."""
    check_password_rules(password, user, pointer="#/new_password")
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user)


def check_password_rules(password: str, user: User, *, pointer: str) -> None:
    """Raises Invalid with each rule that it breaks."""
    try:
        password_validation.validate_password(password, user)
    except ValidationError as wrong:
        raise Invalid(
            _("See errors for each field and its mend."),
            faults=[Fault(_(RULES[str(it.code)]), pointer=pointer) for it in wrong.error_list],
        ) from None


def end_sessions(user: User, *, but: str | None = None) -> None:
    Session.objects.filter(user=user).exclude(pk=but or "").delete()


# Browsers that are known


def device_of(user: User) -> str:
    """For a cookie of the browser: that this person was signed in there."""
    return signing.dumps(str(user.pk), salt=DEVICE)


def is_device(user: User, device: str) -> bool:
    try:
        return bool(signing.loads(device, salt=DEVICE, max_age=DEVICE_KNOWN_FOR) == str(user.pk))
    except signing.BadSignature:
        return False
