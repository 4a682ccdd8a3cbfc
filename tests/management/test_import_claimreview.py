"""Importing reviews from files: `manage.py import_claimreview`."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from claims.formats.claimreview_in import Review, Source, mapping, outcomes
from claims.management.verification import faults
from claims.models import Claim, Organization, Verdict
from config.environment import CHECKOUT
from tests import make
from tests.dossiers import rows
from tests.log import numbered
from tests.management.test_load_claims import environment, wait_for
from tests.reviews import GOOGLE, REVIEW, SHARED, review

Summary = dict[str, Any]


def run(
    file: object, desk: make.Desk, capsys: pytest.CaptureFixture[str], **options: Any
) -> tuple[str, list[dict[str, Any]]]:
    """What it prints, and what it tells of each refused record."""
    capsys.readouterr()
    status = 0
    try:
        call_command("import_claimreview", str(file), member=str(desk.checker.pk), **options)
    except CommandError as wrong:
        status = wrong.returncode
    assert status in (0, 3)
    out, err = capsys.readouterr()
    return out, [json.loads(line) for line in err.splitlines() if line.startswith("{")]


def counts(out: str) -> tuple[int, ...]:
    first = out.splitlines()[0]
    records, imported, there, refused = (int(it) for it in first.split() if it.isdigit())
    assert records == imported + there + refused
    return records, imported, there, refused


def lines(*documents: Any) -> bytes:
    return b"".join(json.dumps(it).encode() + b"\n" for it in documents)


def test_a_file_is_imported_and_its_summary_adds_up(
    desk: make.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reviews.ndjson"
    odd = review(reviewRating__alternateName="Three camels", claimReviewed="Another")
    file.write_bytes(lines(REVIEW, REVIEW, GOOGLE, odd, review(url=None), {"a": 1}))
    out, refused = run(file, desk, capsys)
    assert counts(out) == (6, 3, 1, 2)
    assert (
        "New: 2 articles, 3 claims, 2 organizations, 2 publishers, 2 speakers, 3 verdicts." in out
    )
    assert "Three camels (checkers.example)" in out
    assert [(it["place"], it["reason"]) for it in refused] == [
        ("5#", "no-url"),
        ("6#", "no-review"),
    ]
    assert counts(run(file, desk, capsys)[0]) == (6, 0, 4, 2)


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_the_size_of_a_batch_makes_no_difference(
    desk: make.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], batch: int
) -> None:
    file = tmp_path / "reviews.json.gz"
    file.write_bytes(gzip.compress(json.dumps([REVIEW, GOOGLE, REVIEW, 5]).encode()))
    assert counts(run(file, desk, capsys, batch=batch)[0]) == (4, 2, 1, 1)


def test_a_table_is_imported_by_a_mapping_of_ones_own(
    desk: make.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, columns = tmp_path / "reviews.csv", tmp_path / "columns.toml"
    table.write_text("what,where,rating\nThe bridge,https://checkers.example/1,False\n")
    columns.write_text('[columns]\nclaim = "what"\nurl = "where"\nlabel = "rating"\n')
    assert counts(run(table, desk, capsys, mapping=str(columns))[0]) == (1, 1, 0, 0)
    assert Claim.objects.get().text == "The bridge"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"mapping": "nowhere"}, "multifc"),
        ({"member": "nobody"}, "no checker"),
        ({"file": "nowhere.json"}, "nowhere.json"),
    ],
)
def test_what_cannot_be_used_is_told(
    desk: make.Desk, tmp_path: Path, options: dict[str, Any], says: str
) -> None:
    file = tmp_path / "reviews.json"
    file.write_bytes(lines(REVIEW))
    given = {"file": str(file), "member": str(desk.checker.pk)} | options
    with pytest.raises(CommandError, match=says):
        call_command("import_claimreview", given.pop("file"), **given)
    assert not Verdict.objects.exists()


def test_a_table_of_outcomes_that_cannot_be_used_is_told(
    desk: make.Desk, tmp_path: Path, settings: Any
) -> None:
    settings.CLAIMREVIEW_OUTCOMES = str(tmp_path / "nowhere.toml")
    with pytest.raises(CommandError, match="CLAIMREVIEW_OUTCOMES"):
        call_command("import_claimreview", "-", member=str(desk.checker.pk))


def test_what_the_database_refuses_is_told_and_the_rest_is_imported(
    desk: make.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """No such record is known, so one is let through."""
    monkeypatch.setattr("claims.formats.claimreview_in.reading.MOST_LABEL", 200)
    file = tmp_path / "reviews.ndjson"
    bad = review(reviewRating__alternateName="x" * 100, claimReviewed="Bad")
    file.write_bytes(lines(REVIEW, bad, GOOGLE))
    out, refused = run(file, desk, capsys)
    assert counts(out) == (3, 2, 0, 1)
    assert [it["reason"] for it in refused] == ["not-taken"]


def many(count: int) -> bytes:
    """Claims of a few speakers, each with two verdicts of one organization and one of another."""
    return lines(
        *(
            review(
                claimReviewed=f"The bridge is {i // 3} m long",
                url=f"https://{'others' if i % 3 == 2 else 'checkers'}.example/{i}",
                datePublished=f"2019-05-{i % 3 + 1:02}",
                itemReviewed__author={"@type": "Person", "name": f"Speaker {i % 7}"},
            )
            for i in range(count)
        )
    )


def test_killed_at_any_time_and_run_again_it_gives_the_same_record(
    committed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = make.desk()
    file = tmp_path / "reviews.ndjson"
    file.write_bytes(many(300))
    command = [
        sys.executable, "manage.py", "import_claimreview", str(file),
        "--member", str(desk.checker.pk), "--batch", "20", "-v", "0",
    ]  # fmt: skip
    seen = []
    for filed in (1, 60, 120):  # long before it ends, however late we look
        with subprocess.Popen(
            command, cwd=CHECKOUT, env=environment(committed), start_new_session=True
        ) as it:
            wait_for(lambda filed=filed: Verdict.objects.count() >= filed, it)
            os.killpg(it.pid, signal.SIGKILL)
        seen.append(Verdict.objects.count())
    assert seen[0] < 300
    out, refused = run(file, desk, capsys, batch=20)
    assert refused == []
    assert counts(out)[0] == 300
    assert Verdict.objects.count() == 300
    assert Organization.objects.exclude(external_site=None).count() == 2
    before = rows()
    assert counts(run(file, desk, capsys)[0]) == (300, 0, 300, 0)
    assert rows() == before
    numbered()
    assert list(faults(kept=None, tick=lambda _: None)) == []


# Files that are not what they say


def test_what_unpacks_to_much_more_is_refused(
    desk: make.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reviews.json.gz"
    for bomb, reason in (
        (b"x" * 50_000_000, "too-large"),
        (b'{"a": "' + b"x" * 50_000_000, "too-large"),
        (b"<html>" + b" " * 50_000_000, "too-large"),
        (b'[{"a": "' + b"x" * 50_000_000, "too-large"),
        (b"[" * 50_000_000, "too-large"),
    ):
        file.write_bytes(gzip.compress(bomb, 1))
        out, [refused] = run(file, desk, capsys)
        assert counts(out) == (1, 0, 0, 1)
        assert refused["reason"] == reason


def test_what_is_packed_is_read_a_piece_at_a_time() -> None:
    source = Source(outcomes=outcomes(), line_limit=100_000, document_limit=1_000_000)
    for begin in (b"", b"[", b'{"a": "', b"<html>", json.dumps(REVIEW).encode() + b"\n"):
        packed = gzip.compress(begin + b"x" * 50_000_000 + b"\n", 1)
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            tracemalloc.start()
            for _part in source.read(file):  # type: ignore[arg-type]
                pass
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < 20_000_000, begin


@pytest.mark.parametrize("spoil", ["cut", "changed"])
def test_a_packed_file_that_is_broken_says_so_and_keeps_what_was_read(
    desk: make.Desk, tmp_path: Path, spoil: str
) -> None:
    packed = bytearray(gzip.compress(many(300), 1))
    if spoil == "cut":
        del packed[-200:]
    else:
        packed[-400:-300] = b"\xff" * 100
    file = tmp_path / "reviews.ndjson.gz"
    file.write_bytes(packed)
    with pytest.raises(CommandError, match="Stopped"):
        call_command("import_claimreview", str(file), member=str(desk.checker.pk), batch=20)
    assert 0 < Verdict.objects.count() < 300


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("table", [True, False])
def test_files_of_spreadsheets_and_of_windows_are_read(
    desk: make.Desk,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    encoding: str,
    table: bool,
) -> None:
    if table:
        file = tmp_path / "reviews.csv"
        text = "claim,claim_url,label\r\nافتتح الجسر,https://checkers.example/1,False\r\n"
    else:
        file = tmp_path / "reviews.json"
        text = json.dumps([review(claimReviewed="افتتح الجسر")], ensure_ascii=False, indent=1)
    file.write_bytes(text.encode(encoding))
    options = {"mapping": "multifc"} if table else {}
    assert counts(run(file, desk, capsys, **options)[0]) == (1, 1, 0, 0)
    assert Claim.objects.get().text == "افتتح الجسر"


# The real ones, which are not ours to copy. Each record is accounted for.

MOST_FILED = 2_000

FILES = {
    "gfct_arabic": (None, 1_776),
    "claimskg_samples": ("claimskg", 510),
    "politifact_clef2022": ("politifact", 19_250),
    "snopes_clef2022": ("snopes", 14_231),
    "multifc_scraper": ("multifc", 22_859),
}


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the records are not ours to copy: ISNAD_SHARED says where they are"
)
@pytest.mark.parametrize("name", FILES)
def test_every_real_record_is_accounted_for(
    desk: make.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Of the long files one line in twenty is filed; the next test reads all of them."""
    mapping, count = FILES[name]
    options = {"mapping": mapping} if mapping else {}
    file = SHARED / f"{name}.jsonl.gz"
    if count > MOST_FILED:
        with gzip.open(file) as whole:
            lines = list(whole)[::20]
        file, count = tmp_path / f"{name}.jsonl", len(lines)
        file.write_bytes(b"".join(lines))
    out, refused = run(file, desk, capsys, **options)
    records, imported, there, lost = counts(out)
    assert records == count
    assert len(refused) == lost
    # Snopes' are told without their ratings.
    assert imported + there > count * 0.7 or name == "snopes_clef2022"
    assert name != "snopes_clef2022" or {it["reason"] for it in refused} == {"no-rating"}
    assert Verdict.objects.count() == imported
    before = rows()
    again = counts(run(file, desk, capsys, **options)[0])
    assert again == (count, 0, imported + there, lost)
    assert rows() == before


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the records are not ours to copy: ISNAD_SHARED says where they are"
)
@pytest.mark.parametrize("name", FILES)
def test_every_real_record_is_read_or_refused_with_a_reason(name: str) -> None:
    columns, count = FILES[name]
    source = Source(
        outcomes=outcomes(),
        line_limit=2_000_000,
        document_limit=16_000_000,
        mapping=mapping(columns) if columns else None,
    )
    read = refused = 0
    with gzip.open(SHARED / f"{name}.jsonl.gz") as file:
        for part in source.read(file):  # type: ignore[arg-type]
            for record in part.records:
                read += isinstance(record, Review)
                refused += not isinstance(record, Review)
    assert read + refused == count
