"""The keys that sign the log. The private halves are the operator's, outside of the database."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from claims.actions.recording import Happening, record
from claims.models import LogKey
from claims.signed_notes import NoteInvalid, Signer
from claims.vocabulary import ChangeType


class NoKey(Exception):
    """Nothing to sign the log with; says what to do."""


@dataclass(slots=True)
class Keys:
    """The private keys of a file (or a setting), a line each; the first one is the newest."""

    path: Path | None
    text: str = ""
    _read: tuple[float, tuple[Signer, ...]] | None = None

    @classmethod
    def of_settings(cls) -> "Keys":
        """Raises NoKey."""
        path = Path(settings.LOG_KEY_FILE) if settings.LOG_KEY_FILE else None
        keys = cls(path, settings.LOG_KEY)
        keys.signers()
        return keys

    def signers(self) -> Sequence[Signer]:
        """Read again whenever the file has changed. Raises NoKey."""
        if self.path is None:
            if not self.text.strip():
                raise NoKey(
                    "There is no key to sign the log with: `manage.py log_key --new NAME` makes "
                    "one; say in LOG_KEY_FILE where it is, or give it in LOG_KEY."
                )
            return parsed(self.text)
        try:
            changed = self.path.stat().st_mtime
            if self._read is None or self._read[0] != changed:
                self._read = changed, parsed(self.path.read_text())
        except OSError as wrong:
            raise NoKey(f"LOG_KEY_FILE: {self.path} cannot be read ({wrong.strerror}).") from None
        return self._read[1]


def parsed(text: str) -> tuple[Signer, ...]:
    try:
        signers = tuple(Signer(line) for line in text.split())
    except NoteInvalid as wrong:
        raise NoKey(f"A key of the log cannot be read: {wrong}") from None
    if not signers:
        raise NoKey("The file LOG_KEY_FILE holds no key.")
    return signers


@transaction.atomic
def publish(signers: Sequence[Signer]) -> None:
    """Record the public halves of keys that sign from now on, those that are not yet recorded."""
    known = set(LogKey.objects.values_list("verifier", flat=True))
    for signer in reversed(signers):
        if signer.verifier not in known:
            key = LogKey.objects.create(verifier=signer.verifier)
            record(Happening(type=ChangeType.LOG_KEY_ADDED, subject=key, by=None))


def make_key_file(path: Path, name: str) -> None:
    """Make a key where there is none yet; readable by its owner alone."""
    if not path.exists():
        write(path, [Signer.generate(name).private], fresh=True)


def rotate(path: Path, *, retire: bool = False) -> Signer:
    """Put a new key before those of the file, of which the newest goes on signing too.

    retire: make none, but take the older ones out.
    """
    lines = path.read_text().split()
    if retire:
        write(path, lines[:1])
        return Signer(lines[0])
    fresh = Signer.generate(Signer(lines[0]).name)
    write(path, [fresh.private, lines[0]])
    return fresh


def write(path: Path, lines: Sequence[str], *, fresh: bool = False) -> None:
    """Written under another name first, so that the file is there whole or not at all.

    fresh: of two who make it at once, the first one's stands.
    """
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(f"{line}\n" for line in lines))
    if fresh:
        with suppress(FileExistsError):
            os.link(unfinished, path)
        unfinished.unlink()
    else:
        unfinished.replace(path)
