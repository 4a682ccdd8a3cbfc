"""`manage.py match` and `manage.py index_claims`."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from claims.actions.indexing import is_complete
from claims.models import Frequency, Posting, Uncounted
from tests.api.test_matching import claim


def match(file: Path, **options: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    try:
        call_command("match", str(file), stdout=out, **options)
    finally:
        match.told = out.getvalue()  # type: ignore[attr-defined]
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_line_is_answered_in_order(db: None, tmp_path: Path) -> None:
    made = claim("Storks nest on the minaret of the old mosque.")
    file = tmp_path / "texts.ndjson"
    file.write_text('{"id": "a", "text": "Storks nest on a minaret"}\n\n{"texts": ["x", "y"]}\n')
    one, two = match(file)
    assert (one["line"], one["id"]) == (1, "a")
    assert one["matches"][0]["claim"]["id"] == str(made.pk)
    assert (two["line"], len(two["results"])) == (3, 2)


def test_lines_may_be_plain_texts(db: None, tmp_path: Path) -> None:
    made = claim("Storks nest on the minaret of the old mosque.")
    file = tmp_path / "texts.txt"
    file.write_text("Storks nest on a minaret\r\n")
    [one] = match(file, plain=True, limit=1)
    assert [it["claim"]["id"] for it in one["matches"]] == [str(made.pk)]


def test_lines_that_cannot_be_read_are_told_and_the_rest_is_answered(
    db: None, tmp_path: Path
) -> None:
    claim("Storks")
    file = tmp_path / "texts.ndjson"
    file.write_bytes(b'{"text": ""}\nno JSON\n' + b"x" * 300_000 + b'\n[]\n{"text": "Storks"}\n')
    with pytest.raises(CommandError, match="4 lines") as stopped:
        match(file)
    assert stopped.value.returncode == 3
    answers = [json.loads(line) for line in match.told.splitlines()]  # type: ignore[attr-defined]
    assert [it.get("problem") for it in answers] == [
        "invalid",
        "not-json",
        "not-json",
        "invalid",
        None,
    ]


def test_claims_that_are_there_already_are_indexed(db: None) -> None:
    texts = ["Storks nest on the minaret.", "اللقالق تعشش على المئذنة", "🙂"]
    for text in texts:
        claim(text)
    call_command("index_claims", verbosity=0)
    before = set(Posting.objects.values_list("term", "claim_id", "impact"))
    frequencies = set(Frequency.objects.values_list("term", "claims"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM claims_posting; DELETE FROM claims_frequency")
    assert not is_complete()
    out = io.StringIO()
    call_command("index_claims", unless_complete=True, stdout=out)
    assert "3 claims were missing" in out.getvalue()
    assert is_complete()
    assert set(Posting.objects.values_list("term", "claim_id", "impact")) == before
    assert set(Frequency.objects.values_list("term", "claims")) == frequencies
    assert not Uncounted.objects.exists()
    out = io.StringIO()
    call_command("index_claims", stdout=out)
    assert "0 claims were missing" in out.getvalue()


def test_claims_are_indexed_anew_after_words_are_cut_in_another_way(db: None) -> None:
    for text in ["Storks nest on the minaret.", "اللقالق تعشش على المئذنة"]:
        claim(text)
    call_command("index_claims", verbosity=0)
    before = set(Posting.objects.values_list("term", "claim_id", "impact"))
    frequencies = set(Frequency.objects.values_list("term", "claims"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE claims_posting SET term = term # 1 WHERE impact > 0")
    out = io.StringIO()
    call_command("index_claims", anew=True, stdout=out)
    assert "2 claims were missing" in out.getvalue()
    assert set(Posting.objects.values_list("term", "claim_id", "impact")) == before
    assert set(Frequency.objects.values_list("term", "claims")) == frequencies
