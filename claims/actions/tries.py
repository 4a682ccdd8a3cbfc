"""How often somebody may try to sign in. Tries count whether they succeed or not, until they did.

Nobody can be locked out for good: whoever fails on purpose in another's name fills the bucket of
the own address alone; from a hundred addresses they fill that of the account, and a browser that
the person has signed in with before is let in all the same (the buckets of a device).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from claims.errors import TooManyTries
from claims.models import SignInTry

KEPT_FOR = timedelta(days=1)

# One statement, so that tries at the same moment are all counted. A bucket begins anew once its
# time is over; what is tried meanwhile does not make it longer.
COUNT = """
    INSERT INTO claims_signintry AS kept (bucket, count, began_at)
    VALUES (%(bucket)s, 1, now())
    ON CONFLICT (bucket) DO UPDATE SET
        count = CASE WHEN kept.began_at > now() - make_interval(secs => %(within)s)
                THEN kept.count + 1 ELSE 1 END,
        began_at = CASE WHEN kept.began_at > now() - make_interval(secs => %(within)s)
                   THEN kept.began_at ELSE now() END
    RETURNING count, extract(epoch FROM began_at - now()) + %(within)s"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Of which somebody has `most` tries in the time `within`."""

    what: str
    whose: str
    most: int
    within: timedelta

    @property
    def key(self) -> str:
        """No name and no address stands in the table."""
        return salted_hmac(
            "isnad: tries", f"{self.what} {self.whose}", algorithm="sha256"
        ).hexdigest()


def of_stranger(account: str, address: str) -> list[Bucket]:
    """account: what was typed, whether there is such an account or not."""
    network = network_of(address)
    quarter = timedelta(minutes=15)
    return [
        Bucket("account and address", f"{account} {network}", 5, quarter),
        Bucket("address", network, 50, quarter),
        Bucket("account", account, 100, timedelta(hours=1)),
    ]


def of_device(device: str) -> list[Bucket]:
    """A browser in which the account has been signed in before."""
    return [Bucket("device", device, 10, timedelta(minutes=15))]


def of_codes(account: str) -> list[Bucket]:
    """One-time codes: only who knows the password gets so far."""
    return [Bucket("codes", account, 10, timedelta(hours=1))]


def network_of(address: str) -> str:
    """Of IPv6, the network that one customer has; else the address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address[:80]
    # What listens on both kinds sees an address of the old one as a part of the new.
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def count(buckets: Iterable[Bucket]) -> None:
    """Before anything is looked at, in no transaction, since it stays. Raises TooManyTries."""
    waits = []
    with connection.cursor() as cursor:
        for bucket in buckets:
            within = bucket.within.total_seconds()
            cursor.execute(COUNT, {"bucket": bucket.key, "within": within})
            counted, seconds = cursor.fetchone()
            if counted > bucket.most:
                waits.append(max(1, int(seconds)))
    forget_old()
    if waits:
        refusal = TooManyTries(_("Wait as long as Retry-After says, then try again."))
        refusal.retry_after = max(waits)
        raise refusal


def give_back(buckets: Iterable[Bucket]) -> None:
    """The try was a good one."""
    keys = [bucket.key for bucket in buckets]
    SignInTry.objects.filter(bucket__in=keys, count__gt=0).update(count=F("count") - 1)


def forget_old() -> None:
    """A few, so that no try pays for all."""
    old = SignInTry.objects.filter(began_at__lt=timezone.now() - KEPT_FOR)
    few = old.order_by("began_at").select_for_update(skip_locked=True).values("pk")[:20]
    SignInTry.objects.filter(pk__in=few).delete()
