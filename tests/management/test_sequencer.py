"""The command that gives numbers, in a process of its own as operators run it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import transaction

from claims.actions.log_keys import make_key_file
from claims.queries import feed
from tests import make
from tests.database import addresses
from tests.live import ROOT
from tests.waiting import PATIENCE, until


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "log_key"
    make_key_file(file, "example.org/isnad")
    return file


@contextmanager
def sequencer(database: str, key: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sequencer"],
        cwd=ROOT,
        env=os.environ | addresses(database) | {"LOG_KEY_FILE": str(key)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def at_work(process: subprocess.Popen[str]) -> None:
    """It gives something its number."""
    before = feed.head()
    with transaction.atomic():
        make.publisher()
    until(lambda: feed.head() != before or process.poll() is not None)
    assert process.poll() is None, process.communicate()


def put_in_its_place(key: Path, text: str) -> None:
    other = key.with_name("other")
    other.write_text(text)
    other.replace(key)


def a_folder_in_its_place(key: Path) -> None:
    key.unlink()
    key.mkdir()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (Path.unlink, "LOG_KEY_FILE: {key} cannot be read (No such file or directory)."),
        (lambda key: put_in_its_place(key, ""), "The file LOG_KEY_FILE holds no key."),
        (lambda key: put_in_its_place(key, "x"), "A key of the log cannot be read: "),
    ],
)
def test_without_its_key_it_ends_at_once_and_says_why(
    committed: str, key: Path, spoil: Callable[[Path], None], says: str
) -> None:
    with sequencer(committed, key) as process:
        at_work(process)
        spoil(key)
        _out, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert told.startswith(f"CommandError: {says.format(key=key)}")
    assert len(told.splitlines()) == 1  # and no traceback


def test_a_file_that_cannot_be_read_any_more_is_told_in_the_same_way(
    committed: str, key: Path
) -> None:
    """A folder in its place, which root cannot read as a file either."""
    with sequencer(committed, key) as process:
        at_work(process)
        a_folder_in_its_place(key)
        _out, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert told.startswith(f"CommandError: LOG_KEY_FILE: {key} cannot be read (")
    assert len(told.splitlines()) == 1


def test_a_signal_ends_it_without_a_word(committed: str, key: Path) -> None:
    with sequencer(committed, key) as process:
        at_work(process)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=PATIENCE) == ("", "")
    assert process.returncode == 0
