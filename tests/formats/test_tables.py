"""Cells of CSV: whatever texts there are, none is a formula, and each is read again as it is."""

import csv
import io
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.formats.tables import NUMBER, cell, written

FORMULAS = set("=+-@\uff1d\uff0b\uff0d\uff20")
TEXTS = st.text() | st.text(alphabet="=+-@\t\r\n '\",;\uff1d\uff20" + string.digits + "\u0639")


@given(TEXTS)
def test_no_cell_is_a_formula_and_its_text_is_in_it_whole(text: str) -> None:
    found = cell(text)
    assert found in {text, f"'{text}"}
    if not NUMBER.fullmatch(found):
        assert found.lstrip()[:1] not in FORMULAS
        assert not found.startswith(("\t", "\r", "\n"))


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), min_size=1))
def test_rows_are_read_as_they_were_written(rows: list[list[str]]) -> None:
    told = written(rows)
    assert list(csv.reader(io.StringIO(told, newline=""), strict=True)) == rows
    assert told.endswith("\r\n")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("+9647", "'+9647"),
        ("-5", "-5"),
        ("-2.5", "-2.5"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\uff1dx", "'\uff1dx"),
        ("كامل أراضيه", "كامل أراضيه"),
        ("a = b", "a = b"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        ([], ""),
        (["a", "=b"], "a; =b"),
        (["=a", "b"], "'=a; b"),
    ],
)
def test_a_cell_says(value: object, told: str) -> None:
    assert cell(value) == told
