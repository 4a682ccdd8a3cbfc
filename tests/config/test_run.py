"""`make run` says in one paragraph why it cannot start."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.live import OURS, ROOT, free_port
from tests.waiting import PATIENCE


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    told = {"PORT": str(free_port()), "ISNAD_DATA_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=inherited | told | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What it said on refusing to start: no more than a paragraph, and no traceback."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_a_port_that_is_taken_is_named_with_another_one_to_choose(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = told(start(tmp_path, PORT=str(port)))
    assert f"port {port}" in said
    assert "make run PORT=" in said


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "٨٠"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    assert "PORT" in told(start(tmp_path, PORT=port))


def test_a_file_in_the_place_of_the_data_folder_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("not a folder")
    said = told(start(in_the_way))
    assert str(in_the_way) in said
    assert "ISNAD_DATA_DIR" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    said = told(start(tmp_path / "data"))
    assert "cannot be written" in said


def test_with_a_database_of_ones_own_a_missing_secret_stops_the_start(tmp_path: Path) -> None:
    said = told(start(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"))
    assert "SECRET_KEY" in said


def test_a_database_that_cannot_be_reached_is_said_to_be_so(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    said = told(start(tmp_path, DATABASE_URL=url, SECRET_KEY="a secret"))
    assert "DATABASE_URL" in said


def test_another_kind_of_database_is_refused(tmp_path: Path) -> None:
    said = told(start(tmp_path, DATABASE_URL="sqlite:///db", SECRET_KEY="a secret"))
    assert "PostgreSQL" in said


def test_a_python_that_is_too_old_is_told_so_and_what_to_do(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\nif [ "$1" = -c ]; then echo 3 9; exit 0; fi\nexit 1\n')
    old.chmod(0o755)
    program = (
        "import config.bootstrap as b; b.NAMES = ('python3',); b.OLDEST = (99, 0)\n"
        "try: b.find_python()\n"
        "except b.Refused as refused: print(refused)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "99.0" in done.stdout


def test_without_a_key_for_the_log_nothing_starts(committed: str, tmp_path: Path) -> None:
    """With a database of one's own; the embedded trial makes a key."""
    urls = {
        name: urlsplit(os.environ[name])._replace(path=f"/{committed}").geturl()
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    said = told(start(tmp_path, **urls, SECRET_KEY="a secret"))
    assert "no key to sign the log with" in said
    assert "LOG_KEY_FILE" in said
    wrong = tmp_path / "log_key"
    said = told(start(tmp_path, **urls, SECRET_KEY="a secret", LOG_KEY_FILE=str(wrong)))
    assert str(wrong) in said
    wrong.write_text("no key\n")
    said = told(start(tmp_path, **urls, SECRET_KEY="a secret", LOG_KEY_FILE=str(wrong)))
    assert "cannot be read" in said
