"""Importing annotations from files: `manage.py import_annotations`."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from claims.formats.annotations_in import Annotation, Source
from claims.models import Claim
from tests import make
from tests.api.test_annotation_imports import ARABIC, TEXT, URL, export, hypothesis, web
from tests.dossiers import rows


def run(file: object, desk: make.Desk, capsys: pytest.CaptureFixture[str], **options: Any) -> Any:
    """What it prints first, what it tells of each refused record, and how it ends."""
    capsys.readouterr()
    status = 0
    try:
        call_command("import_annotations", str(file), member=str(desk.checker.pk), **options)
    except CommandError as wrong:
        status = wrong.returncode
    out, err = capsys.readouterr()
    refused = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    return out.splitlines()[0], refused, status


@pytest.fixture
def article(db: None) -> Any:
    held = make.article(url=URL, language="en")
    make.snapshot(TEXT, of=held)
    return held


@pytest.mark.parametrize("zipped", [False, True])
def test_a_file_is_imported_once_and_its_summary_adds_up(
    desk: make.Desk,
    article: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    zipped: bool,
) -> None:
    told = json.dumps(export(hypothesis(), web(ARABIC), hypothesis("not there"), 5)).encode()
    file = tmp_path / "annotations.json"
    file.write_bytes(gzip.compress(told) if zipped else told)
    first, refused, status = run(file, desk, capsys, batch=2)
    assert (first, status) == ("4 records: 2 imported, 0 there already, 2 refused.", 3)
    assert [(it["place"], it["reason"]) for it in refused] == [
        ("1#/annotations/2", "passage-not-found"),
        ("1#/annotations/3", "not-a-record"),
    ]
    before = rows()
    again, _refused, _status = run(file, desk, capsys)
    assert again == "4 records: 0 imported, 2 there already, 2 refused."
    assert rows() == before


def test_lines_are_imported_and_nothing_refused_is_success(
    desk: make.Desk, article: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "annotations.ndjson"
    lines = [hypothesis(text=f"Text {i}") for i in range(30)]
    file.write_text("".join(json.dumps(it) + "\n" for it in lines))
    first, refused, status = run(file, desk, capsys, batch=7)
    assert (first, refused, status) == (
        "30 records: 30 imported, 0 there already, 0 refused.",
        [],
        0,
    )
    assert Claim.objects.count() == 30


@pytest.mark.parametrize("within", ["annotations", "rows", "items"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_beyond_the_limit_is_read_record_by_record(within: str, indent: int | None) -> None:
    told = {"total": 40, within: [hypothesis(text=f"Text {i}") for i in range(40)]}
    body = json.dumps(told, indent=indent).encode()
    source = Source(line_limit=5_000, document_limit=10_000)
    read = [it for part in source.read(io.BytesIO(body)) for it in part.records]
    assert len(read) == 40
    assert all(isinstance(it, Annotation) for it in read)
    assert read[7].place == f"#/{within}/7"
