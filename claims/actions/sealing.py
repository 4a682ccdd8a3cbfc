"""Secrets that have to be read again, encrypted with keys that are derived from SECRET_KEY.

The secrets of webhooks sign what is sent, so a hash of them would not do. Whoever reads the
database, or a backup of it, cannot read them without SECRET_KEY.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"isnad: secrets of webhooks"


class SealBroken(Exception):
    """None of the keys that are known opens it: SECRET_KEY is another one than it was."""


def seal(secret: str) -> bytes:
    return keys()[0].encrypt(secret.encode())


def unseal(sealed: bytes) -> str:
    """Raises SealBroken."""
    try:
        return MultiFernet(keys()).decrypt(sealed).decode()
    except InvalidToken:
        raise SealBroken from None


def sealed_anew(sealed: bytes) -> bytes | None:
    """The same under the newest key; None where it is that already. Raises SealBroken."""
    try:
        keys()[0].decrypt(sealed)
    except InvalidToken:
        return seal(unseal(sealed))
    return None


def keys() -> list[Fernet]:
    """The newest first; those of SECRET_KEY_FALLBACKS only open."""
    return [derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=16)
def derived(secret_key: str) -> Fernet:
    """Source: RFC 5869; the key of sessions and cursors is used for nothing else."""
    key = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
