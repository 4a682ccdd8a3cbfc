"""Where webhooks may lead: to the public internet, and never back into our own network.

A host name is looked up once. Every address that it has must be a public one, and the
connection goes to one of these very addresses: a name that means something else a moment later
(DNS rebinding) leads nowhere else.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from claims.vocabulary import AttemptError

Address = IPv4Address | IPv6Address

# Written out, because what Python calls global differs between its versions.
# Source: the IANA registries of special-purpose addresses (RFC 6890), and of multicast.
NOT_PUBLIC_4 = [
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
# Of IPv6 all that is public lies here; IPv4 in disguise (mapped, NAT64) lies outside of it.
PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = [
    IPv6Network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # 2002: 6to4
]


class Refused(Exception):
    """Why a webhook cannot be called, in words for its owner, and as the error of an Attempt."""

    def __init__(self, detail: str, error: AttemptError = AttemptError.BAD_URL) -> None:
        super().__init__(detail)
        self.detail = detail
        self.error = error


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL says, in ASCII. path: with the query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """For the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Place:
    """An address to connect to, as `socket` takes it."""

    family: int
    address: tuple[str | int | bytes, ...]


def target_of(url: str, *, private: bool) -> Target:
    """Read a URL; nothing is looked up. private: whether http and our own network may be.

    Raises Refused.
    """
    try:
        parts = urlsplit(iri_to_uri(url))
        host = (urlsplit(url).hostname or "").rstrip(".").encode("idna").decode()
        port = parts.port
    except ValueError:  # UnicodeError is one
        raise Refused(_("This is not a URL that can be called.")) from None
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise Refused(_("This is not a URL that can be called."))
    if parts.username is not None or parts.password is not None:
        raise Refused(_("A URL is kept without user name and password."))
    secure = parts.scheme == "https"
    if not secure and not private:
        raise Refused(_("Webhooks are called by https only."))
    address = literal(host)
    if address is not None and not private and not is_public(address):
        raise Refused(_("This address is not a public one."), AttemptError.ADDRESS_REFUSED)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, port or (443 if secure else 80), path)


def literal(host: str) -> Address | None:
    """The address that a host is written as; None for a name. Raises Refused.

    127.1, 2130706433 and 0x7f.0.0.1 are addresses too, to the C library alone: nobody needs them.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if ":" in host or re.fullmatch(r"[0-9]+|0[xX][0-9a-fA-F]*", host.rpartition(".")[2]):
            detail = _("Write an address as four numbers, or use a name.")
            raise Refused(detail, AttemptError.ADDRESS_REFUSED) from None
        return None


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet, and of one receiver there."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in NOT_PUBLIC_4)
    return address in PUBLIC_6 and not any(address in block for block in NOT_PUBLIC_6)


def place_of(target: Target, *, private: bool) -> Place:
    """Look its host up, once. Raises Refused where any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(_("This host is not known."), AttemptError.NAME_NOT_FOUND) from None
    for _family, _type, _protocol, _name, at in found:
        # One that is refused refuses all: a name of both kinds is an attempt to get in.
        if not private and not is_public(ipaddress.ip_address(str(at[0]))):
            raise Refused(_("This address is not a public one."), AttemptError.ADDRESS_REFUSED)
    if not found:
        raise Refused(_("This host is not known."), AttemptError.NAME_NOT_FOUND)
    return Place(found[0][0], tuple(found[0][4]))
