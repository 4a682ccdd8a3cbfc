"""Loading claims from a file: `manage.py load_claims`."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError
from uuid_utils.compat import uuid7

from claims.actions.store import Store
from claims.management import loading
from claims.management.files import REFUSED
from claims.management.verification import faults
from claims.models import Change, Claim
from config.environment import CHECKOUT
from tests import make
from tests.log import numbered
from tests.waiting import PATIENCE


def fact(**more: Any) -> dict[str, Any]:
    given = {"id": str(uuid7()), "kind": "fact", "text": "حُرِّر العراق", "language": "ar"}
    return given | {"fact": make.FACT} | more


def written(path: Path, *lines: Any) -> Path:
    """A file of these lines: JSON, or bytes as they are."""
    path.write_bytes(
        b"".join(it if isinstance(it, bytes) else json.dumps(it).encode() + b"\n" for it in lines)
    )
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "claims.ndjson"


def run(file: object, desk: make.Desk, **options: Any) -> None:
    call_command("load_claims", str(file), member=str(desk.checker.pk), **options)


def refusals(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# What becomes of the lines


def test_every_line_becomes_a_claim_and_the_summary_adds_up(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = make.snapshot()
    marked = {"snapshot": str(held.pk), "exact": "victory again"}
    lines = [fact(), fact(appearance=marked), fact(appearance=None)]
    run(written(file, *lines), desk)
    assert capsys.readouterr().out == "3 lines: 3 loaded, 0 there already, 0 refused.\n"
    assert {str(pk) for pk in Claim.objects.values_list("pk", flat=True)} == {
        it["id"] for it in lines
    }
    assert {it.created_by for it in Claim.objects.all()} == {desk.checker}


def test_loading_it_again_adds_nothing(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(file, fact(), fact())
    run(file, desk)
    before = Change.objects.count()
    run(file, desk)
    assert "2 lines: 0 loaded, 2 there already, 0 refused.\n" in capsys.readouterr().out
    assert Change.objects.count() == before


def test_what_has_no_id_is_told_of(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without = fact()
    del without["id"]
    run(written(file, without, fact()), desk)
    told = capsys.readouterr().out
    assert "1 of the loaded have no id: loaded again, they are filed twice." in told


def test_what_is_refused_is_told_with_line_pointer_and_mend_and_the_rest_is_loaded(
    desk: make.Desk, file: Path, tmp_path: Path
) -> None:
    nobody = str(uuid4())
    lines = [
        fact(),
        b"\n",
        b'{"kind": "fact",\n',
        fact(speaker=nobody, surprise=1),
        fact(speaker=nobody),
        b"  \r\n",
        fact(id="1"),
        b"null\n",
        fact(),
    ]
    refused = tmp_path / "refused.ndjson"
    with pytest.raises(CommandError, match="5 lines were refused") as stopped:
        run(written(file, *lines), desk, refused=refused, batch=2)
    assert stopped.value.returncode == REFUSED
    told = refusals(refused.read_text("utf-8"))
    assert [(it["line"], it["errors"][0]["pointer"]) for it in told] == [
        (3, "#"),
        (4, "#/surprise"),
        (5, "#/speaker"),
        (7, "#/id"),
        (8, "#"),
    ]
    assert [it["problem"] for it in told] == ["not-json", *["invalid"] * 4]
    assert told[2]["id"] == lines[4]["id"]  # type: ignore[index]
    assert all(fault["detail"] for it in told for fault in it["errors"])
    assert Claim.objects.count() == 2


def test_refusals_go_to_standard_error_otherwise_one_a_line(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError):
        run(written(file, fact(text="[red] " + "ط" * 10_000), fact(text="")), desk)
    told = refusals(capsys.readouterr().err)
    assert [(it["line"], it["errors"][0]["pointer"]) for it in told] == [
        (1, "#/text"),
        (2, "#/text"),
    ]


def test_a_line_that_is_longer_than_a_body_may_be_is_refused_and_the_next_one_read(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    most = settings.BODY_LIMIT
    fits = json.dumps(fact()).encode()
    padded = fits.ljust(most) + b"\r\n"
    with pytest.raises(CommandError):
        run(written(file, b"x" * (most * 3) + b"\n", padded, b" " * (most + 1) + b"\n", fits), desk)
    told = refusals(capsys.readouterr().err)
    assert [(it["line"], it["problem"]) for it in told] == [(1, "too-large"), (3, "too-large")]
    assert Claim.objects.count() == 1


def test_the_last_line_need_not_end(desk: make.Desk, file: Path) -> None:
    run(written(file, json.dumps(fact()).encode()), desk)
    assert Claim.objects.count() == 1


def test_an_empty_file_is_all_in_the_record(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(written(file), desk)
    assert "0 lines: 0 loaded" in capsys.readouterr().out


def test_long_lines_make_small_batches(
    desk: make.Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MOST_BYTES", 1_000)
    with written(file, *(fact(text="ط" * 200) for _ in range(10))).open("rb") as source:
        parts = list(loading.read(source, 1_000))
    assert [len(part.lines) for part in parts] == [1] * 10
    assert sum(part.size for part in parts) == file.stat().st_size


def test_a_later_line_asserts_an_earlier_one_of_another_batch(desk: make.Desk, file: Path) -> None:
    first = fact()
    says = {"id": str(uuid7()), "kind": "statement", "text": "So", "language": "en"}
    says |= {"speech": "direct", "speaker": str(make.speaker().pk), "asserts": [first["id"]]}
    run(written(file, first, says), desk, batch=1)
    assert [str(it.pk) for it in Claim.objects.get(pk=says["id"]).asserts.all()] == [first["id"]]


def test_it_reads_standard_input_and_can_be_quiet(
    desk: make.Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = io.TextIOWrapper(io.BytesIO(json.dumps(fact()).encode()))
    monkeypatch.setattr("sys.stdin", given)
    run("-", desk, verbosity=0)
    assert capsys.readouterr() == ("", "")
    assert Claim.objects.count() == 1


# When it cannot


@pytest.mark.parametrize("number", ["0", "-1", "5001", "many", "1.5"])
def test_the_size_of_a_batch_is_a_number_within_bounds(desk: make.Desk, number: str) -> None:
    with pytest.raises(CommandError, match="--batch"):
        call_command("load_claims", "file", "--member", str(desk.checker.pk), "--batch", number)


def test_a_file_that_is_not_there_is_told(desk: make.Desk, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.ndjson: No such file") as stopped:
        run(tmp_path / "nothing.ndjson", desk)
    assert stopped.value.returncode == 1


def test_only_a_checker_loads(desk: make.Desk, file: Path) -> None:
    with pytest.raises(CommandError, match="there is no checker with this id"):
        call_command("load_claims", str(written(file, fact())), member=str(desk.reader.pk))


def test_when_the_database_goes_away_what_was_done_is_told(
    desk: make.Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest_texts, calls = Store.newest_texts, []

    def failing(store: Store, *asked: Any) -> Any:
        calls.append(asked)
        if len(calls) == 3:
            raise OperationalError("the connection is lost")
        return newest_texts(store, *asked)

    monkeypatch.setattr(Store, "newest_texts", failing)
    with pytest.raises(CommandError, match="Stopped: the connection is lost") as stopped:
        run(written(file, *(fact() for _ in range(10))), desk, batch=2)
    assert stopped.value.returncode == 1
    assert "4 lines: 4 loaded" in str(stopped.value)
    assert Claim.objects.count() == 4


def test_what_only_the_database_refuses_is_told_and_the_rest_is_loaded(
    desk: make.Desk, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_in, refused = loading.said_in, tmp_path / "refused.ndjson"

    def lenient(body: bytes, reader: Any) -> Any:
        return body if b'" "' in body else said_in(body, reader)

    monkeypatch.setattr(loading, "said_in", lenient)
    with pytest.raises(CommandError, match="1 lines were refused"):
        run(written(file, *(fact(text=text) for text in "ab c")), desk, refused=refused)
    [told] = refusals(refused.read_text("utf-8"))
    assert (told["line"], told["problem"]) == (3, "conflict")
    assert Claim.objects.count() == 3


def test_what_goes_wrong_in_reading_is_told_and_nothing_stays_behind(
    desk: make.Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(source: Any) -> Any:
        yield from [(len(line), line) for line in source][:4]
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(loading, "bodies", failing)
    with pytest.raises(CommandError, match=r"Stopped: .*: Input/output error") as stopped:
        run(written(file, *(fact() for _ in range(5))), desk, batch=2)
    assert "4 lines: 4 loaded" in str(stopped.value)
    assert not psutil.Process().children()


@pytest.mark.parametrize("helping", ["reads", "makes the rows"])
def test_when_a_process_that_helps_is_killed_what_was_done_is_told(
    desk: make.Desk, file: Path, monkeypatch: pytest.MonkeyPatch, helping: str
) -> None:
    read, filing = loading.read, loading.filing

    def killed(items: Any) -> Any:
        yield from islice(items, 2)
        os.kill(os.getpid(), signal.SIGKILL)

    if helping == "reads":
        monkeypatch.setattr(loading, "read", lambda *given: killed(read(*given)))
    else:
        monkeypatch.setattr(loading, "filing", lambda *given: killed(filing(*given)))
    with pytest.raises(CommandError, match=r"Stopped: .*: a process that helps was ended"):
        run(written(file, *(fact() for _ in range(5))), desk, batch=2)
    assert Claim.objects.count() == 4
    assert not psutil.Process().children()


def test_ctrl_c_ends_it_and_the_processes_that_help_at_once(committed: str) -> None:
    desk = make.desk()
    there = environment(committed)
    command = [sys.executable, "manage.py", "load_claims", "-", "--member", str(desk.checker.pk)]
    loader = subprocess.Popen(
        [*command, "--batch", "1"],
        env=there,
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert loader.stdin is not None
    loader.stdin.write(json.dumps(fact()).encode() + b"\n")
    loader.stdin.flush()
    wait_for(lambda: Claim.objects.exists(), loader)
    helping = psutil.Process(loader.pid).children()
    assert len(helping) == 2
    os.killpg(loader.pid, signal.SIGINT)  # as a terminal does
    with loader:
        assert loader.wait(PATIENCE) != 0
    assert not any(it.is_running() for it in helping)
    assert Claim.objects.count() == 1


def environment(database: str) -> dict[str, str]:
    """That of a process that works on this database."""
    there = {
        name: urlsplit(os.environ[name])._replace(path=f"/{database}").geturl()
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    return os.environ | there


def test_killed_at_any_moment_and_run_again_it_makes_the_same_record(
    committed: str, file: Path
) -> None:
    desk = make.desk()
    lines = [fact() for _ in range(1_500)]
    written(file, *lines)
    arguments = ["load_claims", str(file), "--member", str(desk.checker.pk), "--batch", "50"]
    command = [sys.executable, "manage.py", *arguments]
    there = environment(committed)
    stopped_at = []
    for more in (1, 400):
        loader = subprocess.Popen(command, env=there, cwd=CHECKOUT)
        wait_for(lambda more=more: Claim.objects.count() >= more, loader)
        loader.send_signal(signal.SIGKILL)
        loader.wait()
        stopped_at.append(Claim.objects.count())
    assert 0 < stopped_at[0] <= stopped_at[1] < len(lines)
    assert all(count % 50 == 0 for count in stopped_at)
    done = subprocess.run(
        command, env=there, cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    told = f"{len(lines)} lines: {len(lines) - stopped_at[1]} loaded, {stopped_at[1]} there already"
    assert told in done.stdout
    assert Claim.objects.count() == len(lines)
    numbered()
    assert list(faults(kept=None, tick=lambda done: None)) == []


def wait_for(holds: Any, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
