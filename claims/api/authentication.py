"""Who makes a request: a Member, through an API key or a browser session, or anyone."""

from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.request import Request

from claims.actions.signing_in import memberships
from claims.api.session_store import MEMBER
from claims.errors import NotAuthenticated
from claims.models import ApiKey, Member, User
from claims.queries.keys import key_of


def person_of(request: Request) -> User | None:
    """Who is signed in with a browser, a member or not; None for a key, and for anyone."""
    return getattr(request._request, "person", None)


class Anyone:
    """A reader without an account."""

    is_authenticated = False
    is_anonymous = True
    pk = None


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer isnad_…`"""

    def authenticate(self, request: Request) -> tuple[Member, ApiKey] | None:
        digest = digest_of(get_authorization_header(request))
        if digest is None:
            return None
        return usable(key_of(digest))

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Isnad"'


def digest_of(authorization: bytes) -> bytes | None:
    """Of the key in this header; None where there is no header. Raises NotAuthenticated."""
    scheme, _sep, secret = authorization.partition(b" ")
    if not scheme:
        return None
    if scheme.lower() != b"bearer":
        raise NotAuthenticated(_("Send the key as: Authorization: Bearer isnad_…"))
    try:
        return ApiKey.digest_of(secret.strip().decode("ascii"))
    except UnicodeDecodeError:
        raise NotAuthenticated(_("The key has characters that no key has.")) from None


def usable(key: ApiKey | None) -> tuple[Member, ApiKey]:
    """Who acts through a key. Raises NotAuthenticated."""
    # One answer for all, so that nobody learns which keys once existed.
    if key is None or not key.is_usable(timezone.now()) or key.member.ended_at is not None:
        raise NotAuthenticated(_("The key is unknown, expired or revoked."))
    return key.member, key


class BrowserAuthentication(SessionAuthentication):
    """A person who is signed in with a browser acts as the member that the session names.

    That is chosen at sign-in and can be changed (`session/`); without a choice it is the first
    membership that has not ended. An operator without a membership reads as anyone does.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        bare: Any = request._request
        bare.person = found[0]  # for what is about the person, not the member: `person_of`
        members = memberships(found[0])
        chosen = bare.session.get(MEMBER)
        member = (members if chosen is None else members.filter(pk=chosen)).first()
        return None if member is None else (member, None)

    def enforce_csrf(self, request: Request) -> None:
        """The token is taken from the header alone, since bodies are JSON.

        Whatever looks for it in the body reads that before anybody is known, and what is broken
        in it would be a failure to authenticate.
        """
        bare: Any = request._request
        bare._post, bare._files = QueryDict(), MultiValueDict()
        super().enforce_csrf(bare)
