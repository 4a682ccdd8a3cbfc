"""The command that mails notices, in a process of its own as operators run it."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from claims.models import Notice
from claims.vocabulary import NoticeState
from tests import make
from tests.database import addresses
from tests.live import ROOT
from tests.waiting import PATIENCE, until


def told() -> Notice:
    with transaction.atomic():
        desk = make.desk()
        make.person("noor", desk.checker)
        make.note(make.fact(), desk.editor, mentions=[desk.checker.pk])
        Notice.objects.update(next_attempt_at=timezone.now())
    return Notice.objects.get()


def command(database: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "notices", *arguments],
        cwd=ROOT,
        env=os.environ | addresses(database) | {"EMAIL_URL": f"filemail:///{folder}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_mails_what_waits_and_ends_on_a_signal(committed: str, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    notice = told()
    with command(committed, folder) as process:
        try:
            until(lambda: Notice.objects.get().state == NoticeState.SENT)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    [file] = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    mail = message_from_bytes(file.read_bytes())
    assert mail["To"] == "noor@example.org"
    assert f"notice.{notice.pk}@" in mail["Message-ID"]


def test_once_sends_what_was_just_written_too(committed: str, tmp_path: Path) -> None:
    told()
    Notice.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    for expected in ("1 mails\n", "0 mails\n"):
        with command(committed, tmp_path, "--once") as process:
            assert process.communicate(timeout=PATIENCE) == (expected, "")


def test_it_ends_with_whoever_started_it(committed: str, tmp_path: Path) -> None:
    with command(committed, tmp_path, "--with-parent") as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_an_address_that_cannot_be_read_is_told_without_its_password(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "notices", "--once"],
        cwd=ROOT,
        env=os.environ | {"EMAIL_URL": "smtp://isnad:hush@mail.example.org:port"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode != 0
    assert "EMAIL_URL cannot be read" in done.stderr
    assert "hush" not in done.stderr
