"""Signed notes, and the checkpoints of a log that are written as such.

Source: C2SP signed-note and tlog-checkpoint; Ed25519. A private key is written as Go's package
golang.org/x/mod/sumdb/note does it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

ED25519 = b"\x01"
DASH = "\u2014"  # em dash, which begins a line of a signature
_FOREIGN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")  # controls, and what UTF-8 has not


class NoteInvalid(ValueError):
    """What should be a note, a key or a checkpoint is none; or nobody known has signed it."""


class Verifier:
    """A public key by which notes are checked.

    text: `<name>+<key hash>+<key>`, the key in base64. Raises NoteInvalid.
    """

    def __init__(self, text: str) -> None:
        name, _plus, rest = text.partition("+")
        key_hash, _plus, encoded = rest.partition("+")
        key = unbase64(encoded)
        require_name(name)
        if key[:1] != ED25519 or len(key) != 33:
            raise NoteInvalid("a verifier is an Ed25519 key")
        if key_hash_of(name, key).hex() != key_hash:
            raise NoteInvalid("the hash of a verifier does not fit its name and key")
        self.text = text
        self.name = name
        self.key_hash = key_hash_of(name, key)
        self._public = Ed25519PublicKey.from_public_bytes(key[1:])

    def holds(self, text: str, signature: bytes) -> bool:
        try:
            self._public.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key that signs notes.

    text: `PRIVATE+KEY+<name>+<key hash>+<seed>`. Raises NoteInvalid.
    """

    def __init__(self, text: str) -> None:
        parts = text.split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise NoteInvalid("a private key begins with PRIVATE+KEY+")
        name, key_hash, seed = parts[2], parts[3], unbase64(parts[4])
        require_name(name)
        if seed[:1] != ED25519 or len(seed) != 33:
            raise NoteInvalid("a private key is an Ed25519 seed")
        self._private = Ed25519PrivateKey.from_private_bytes(seed[1:])
        public = ED25519 + self._private.public_key().public_bytes_raw()
        self.name = name
        self.key_hash = key_hash_of(name, public)
        if self.key_hash.hex() != key_hash:
            raise NoteInvalid("the hash of a private key does not fit its name and key")
        self.private = text
        self.verifier = f"{name}+{key_hash}+{base64.b64encode(public).decode()}"

    @classmethod
    def generate(cls, name: str) -> "Signer":
        require_name(name)
        private = Ed25519PrivateKey.generate()
        public = ED25519 + private.public_key().public_bytes_raw()
        seed = base64.b64encode(ED25519 + private.private_bytes_raw()).decode()
        return cls(f"PRIVATE+KEY+{name}+{key_hash_of(name, public).hex()}+{seed}")

    def line(self, text: str) -> str:
        signature = base64.b64encode(self.key_hash + self._private.sign(text.encode()))
        return f"{DASH} {self.name} {signature.decode()}\n"


def sign(text: str, signers: Sequence[Signer]) -> str:
    """The note: the text, an empty line, and a line for each signature."""
    if not text.endswith("\n"):
        raise NoteInvalid("the text of a note ends with a line break")
    if not signers:
        raise NoteInvalid("a note is signed by one key at least")
    refuse_foreign(text)
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def open_note(note: str, verifiers: Sequence[Verifier]) -> tuple[str, list[Verifier]]:
    """The text of a note, and which of the verifiers find their signature under it.

    Signatures by others are passed over. Raises NoteInvalid when none is known, or a known one
    does not hold.
    """
    refuse_foreign(note)
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise NoteInvalid("a note has a text, an empty line and signatures")
    text += "\n"
    known = {(verifier.name, verifier.key_hash): verifier for verifier in verifiers}
    signed: list[Verifier] = []
    for line in signatures.removesuffix("\n").split("\n"):
        dash, _space, rest = line.partition(" ")
        name, _space, encoded = rest.partition(" ")
        signature = unbase64(encoded)
        if dash != DASH or not name or len(signature) < 5:
            raise NoteInvalid("a line of a signature cannot be read")
        verifier = known.get((name, signature[:4]))
        if verifier is None:
            continue
        if not verifier.holds(text, signature[4:]):
            raise NoteInvalid(f"the signature of {name} does not hold")
        if verifier not in signed:
            signed.append(verifier)
    if not signed:
        raise NoteInvalid("nobody who is known has signed this note")
    return text, signed


class Checkpoint(NamedTuple):
    """What a log says it is: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Lines after the third are passed over. Raises NoteInvalid."""
        refuse_foreign(text)
        *lines, rest = text.split("\n")
        if len(lines) < 3 or rest or not all(lines):
            raise NoteInvalid("a checkpoint has three lines at least, none of them empty")
        origin, size, root = lines[0], lines[1], unbase64(lines[2])
        digits = size.isascii() and size.isdigit() and (size == "0" or size[0] != "0")
        # Two spellings of one root are two texts that read alike: base64 leaves two bits unused.
        canonical = base64.b64encode(root).decode() == lines[2]
        if not digits or len(size) > 19 or len(root) != 32 or not canonical:
            raise NoteInvalid("a checkpoint is a name, a size and a root")
        return cls(origin, int(size), root)


def key_hash_of(name: str, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]


def refuse_foreign(text: str) -> None:
    if _FOREIGN.search(text):
        raise NoteInvalid("a note is UTF-8 without control characters but line breaks")


def require_name(name: str) -> None:
    if (
        not name
        or "+" in name
        or any(letter.isspace() for letter in name)
        or not name.isprintable()
    ):
        raise NoteInvalid("the name of a key has neither spaces nor a plus")


def unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteInvalid("what should be base64 is not") from None
