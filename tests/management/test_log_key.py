"""The key that signs the log: made, rotated and retired by a command."""

import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from claims.actions.log_keys import Keys, NoKey
from claims.actions.sequencing import LogDisagrees, Sequencer
from claims.models import Change, Checkpoint, LogKey
from claims.signed_notes import Signer, Verifier, open_note
from tests import make
from tests.management.test_verify_log import tamper

NAME = "example.org/isnad"


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    settings.LOG_KEY_FILE = str(tmp_path / "log_key")
    return tmp_path / "log_key"


def log_key(*options: str) -> str:
    out = StringIO()
    call_command("log_key", *options, stdout=out)
    return out.getvalue()


def newest(verifier: str) -> str:
    """The newest checkpoint, which this key has signed."""
    note = Checkpoint.objects.order_by("-size")[0].note
    return open_note(note, [Verifier(verifier)])[0]


def test_a_key_is_made_for_its_owner_alone_and_never_written_over(file: Path) -> None:
    assert str(file) in log_key("--new", NAME)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = file.read_text()
    assert Signer(made.strip()).name == NAME
    with pytest.raises(CommandError, match="--rotate"):
        log_key("--new", NAME)
    assert file.read_text() == made


@pytest.mark.parametrize("name", ["two words", "a+b", ""])
def test_a_name_that_no_note_can_have_is_refused(file: Path, name: str) -> None:
    with pytest.raises(CommandError, match="spaces"):
        log_key("--new", name)
    assert not file.exists()


def test_without_a_place_for_it_no_key_is_made(settings: Any) -> None:
    settings.LOG_KEY_FILE = ""
    with pytest.raises(CommandError, match="LOG_KEY_FILE"):
        log_key("--new", NAME)


def test_what_is_not_there_cannot_be_rotated(file: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        log_key("--rotate")


@pytest.mark.django_db
def test_a_sequencer_takes_up_a_rotated_key_and_both_sign_until_the_old_one_is_retired(
    file: Path,
) -> None:
    log_key("--new", NAME)
    old = Signer(file.read_text().strip())
    make.publisher()
    sequencer = Sequencer(Keys.of_settings())
    sequencer.step()
    newest(old.verifier)

    told = log_key("--rotate")
    fresh = Signer(file.read_text().split()[0])
    assert fresh.verifier in told
    sequencer.step()
    assert newest(old.verifier) == newest(fresh.verifier)
    added = Change.objects.filter(type="log.key_added").order_by("log_entry__number")
    keys = [LogKey.objects.get(pk=change.subject_id).verifier for change in added]
    assert keys == [old.verifier, fresh.verifier]

    log_key("--retire")
    make.publisher()
    sequencer.step()
    newest(fresh.verifier)
    with pytest.raises(Exception, match="nobody who is known"):
        newest(old.verifier)
    assert LogKey.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "says"), [("", "no key"), ("PRIVATE+KEY+x", "cannot be read"), ("x", "cannot be read")]
)
def test_a_file_without_a_key_is_refused(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(NoKey, match=says):
        Keys.of_settings()


def test_the_key_may_be_given_itself(settings: Any) -> None:
    settings.LOG_KEY_FILE = ""
    settings.LOG_KEY = Signer.generate(NAME).private
    assert [signer.name for signer in Keys.of_settings().signers()] == [NAME]
    settings.LOG_KEY = ""
    with pytest.raises(NoKey, match="log_key --new"):
        Keys.of_settings()


@pytest.mark.usefixtures("committed")
def test_entries_that_nobody_signed_are_not_built_upon(file: Path) -> None:
    log_key("--new", NAME)
    with transaction.atomic():
        make.publisher()
    Sequencer(Keys.of_settings()).step()
    tamper(("DELETE FROM claims_checkpoint", []))
    with pytest.raises(LogDisagrees, match="more than were ever signed"):
        Sequencer(Keys.of_settings()).step()
