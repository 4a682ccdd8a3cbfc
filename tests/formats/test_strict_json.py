"""The bodies that are taken for JSON, and how the others are refused."""

import json
import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.formats.strict_json import MAX_DEPTH, MAX_VALUES, NotJson, loads


def attempt(body):
    """The value and None, or None and the refusal."""
    try:
        return loads(body), None
    except NotJson as refused:
        return None, refused


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
)


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_what_the_standard_library_writes_is_read_as_it_was(value, ascii_only, indent):
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    read = loads(body)
    assert read == value
    assert json.dumps(read) == json.dumps(value)  # == does not tell 1 from 1.0 or True


@given(st.one_of(st.binary(), st.text('[]{}",:\\u0d8e1-. \n"tfn').map(str.encode)))
def test_any_bytes_are_json_to_others_too_or_are_refused(body):
    read, refused = attempt(body)
    if refused:
        assert refused.detail
        assert refused.pointer.startswith("#")
    else:
        assert orjson.loads(body) == read == json.loads(body)


REFUSED = [
    (b"", "#", "empty"),
    (b" \n", "#", "empty"),
    (b"\xef\xbb\xbf{}", "#", "byte order mark"),
    ('{"a": 1}'.encode("utf-16"), "#", "not UTF-8"),
    (b'{"a": "\xff"}', "#", "not UTF-8: invalid start byte at byte 7"),
    (b'"\xc0\x80"', "#", "not UTF-8"),
    (b'"\xed\xa0\x80"', "#", "not UTF-8"),
    (b'{"a":\n1,}', "#", "at line 2, column 3"),
    (b"[1] x", "#", "Extra data at line 1, column 5"),
    (b"{'a': 1}", "#", "at line 1, column 2"),
    (b'"a\nb"', "#", "Invalid control character at line 1, column 3"),
    (b'"a\0b"', "#", "Invalid control character at line 1, column 3"),
    (b'"abc', "#", "Unterminated string starting at line 1, column 1"),
    (b"01", "#", "Extra data"),
    (b"nul", "#", "Expecting value"),
    (b"[1,2", "#", "Expecting"),
    (b"NaN", "#", "NaN is not JSON"),
    (b'{"a": [0, -Infinity]}', "#/a/1", "-Infinity is not JSON"),
    (b'{"a": {"b": 1, "c": 2, "b": 3}}', "#/a", 'the key "b" more than once'),
    (b'{"a": 1, "\\u0061": 1}', "#", 'the key "a" more than once'),
    (b'[{"b~/c": [0, {"x": 1, "x": 1}]}]', "#/0/b~0~1c/1", 'the key "x" more than once'),
    (b'{"a": NaN, "a": 1}', "#", 'the key "a" more than once'),
    (b'{"a": {"b": 1, "b": 1}, "a": 1}', "#", 'the key "a" more than once'),
    (b'{"\\ud800": 1, "\\ud800": 1}', "#", 'the key "\\ud800" more than once'),
    (b'{"a": ["x", "y\\u0000"]}', "#/a/1", "NUL, which cannot be stored at offset 1"),
    (b'{"a": {"\\u0000": 1}}', "#/a", "a key of the object holds the character NUL"),
    (b'"\\ud800"', "#", "half a character (U+D800"),
    (b'["\\udc00\\ud800"]', "#/0", "half a character (U+DC00"),
    (b'{"a": {"\\uDFFF": 1}}', "#/a", "a key of the object holds half a character (U+DFFF"),
    ('{"ع ل": "\\u0000"}'.encode(), "#/%D8%B9%20%D9%84", "NUL"),
    (b'{"n": 9223372036854775808}', "#/n", "64 bits"),
    (b'{"n": -9223372036854775809}', "#/n", "64 bits"),
    (b"9" * 5_000, "#", "64 bits"),
    (b"[1e309]", "#/0", "too large"),
    (b"[-1E+0400]", "#/0", "too large"),
    (b"1" * 310 + b".5", "#", "too large"),
    (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "#", "nested deeper than 64"),
    (b'{"a":' * 65 + b"1" + b"}" * 65, "#", "nested deeper than 64"),
    (b"[" * 100_000, "#", "nested deeper than 64"),
    (b"[" + b"0," * MAX_VALUES + b"0]", "#", "more than 250,000 values"),
]


@pytest.mark.parametrize(("body", "pointer", "says"), REFUSED, ids=lambda v: ascii(v)[:40])
def test_what_is_no_strict_json_is_refused_with_its_place(body, pointer, says):
    with pytest.raises(NotJson) as refused:
        loads(body)
    assert says in refused.value.detail
    assert refused.value.pointer == pointer
    (refused.value.detail + refused.value.pointer).encode()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\u0000 \\\\ud800"', "\\u0000 \\ud800"),
        (b'["NaN", "9223372036854775808", "1e999"]', ["NaN", "9223372036854775808", "1e999"]),
        (b"[9223372036854775807, -9223372036854775808]", [2**63 - 1, -(2**63)]),
        (b"[0.0000000000000000001, 1e-999, 1e100]", [1e-19, 0.0, 1e100]),
        (b'[{"a": 1}, {"a": 1}]', [{"a": 1}, {"a": 1}]),
        (b'["[[[", "{{{"]', ["[[[", "{{{"]),
    ],
)
def test_what_only_looks_refusable_is_read(body, value):
    assert loads(body) == value


def test_sixty_four_levels_are_read_and_other_limits_can_be_set():
    body = b"[" * 64 + b"]" * 64
    assert loads(body)
    with pytest.raises(NotJson, match="deeper than 63"):
        loads(body, max_depth=63)
    assert loads(b'["[,{", "x"]', max_values=2)
    with pytest.raises(NotJson, match="more than 2 values"):
        loads(b"[1,2,3]", max_values=2)


def test_a_pointer_stays_bearable_where_keys_are_long():
    with pytest.raises(NotJson) as refused:
        loads(b'{"a": {"' + b"k" * 10_000 + b'": NaN}}')
    assert refused.value.pointer == "#/a"
    with pytest.raises(NotJson) as refused:
        loads(b'{"' + b"k" * 10_000 + b'": 1, "' + b"k" * 10_000 + b'": 1}')
    assert len(refused.value.detail) < 200


@given(values)
def test_one_nul_anywhere_is_pointed_at(value):
    with pytest.raises(NotJson) as refused:
        loads(json.dumps([value, {"a/b": "\0"}]).encode())
    assert refused.value.pointer == "#/1/a~1b"


def test_infinity_is_never_read():
    for digits in ("1e308", "1e309", "9" * 308 + ".0", "9" * 309 + ".0", f"0.{'9' * 400}e309"):
        read, refused = attempt(digits.encode())
        assert "too large" in refused.detail if refused else math.isfinite(read)


def of_8_mb(piece, before=b"[", after=b"0]"):
    return before + piece * (8_000_000 // len(piece)) + after


@pytest.mark.parametrize(
    "body",
    [
        of_8_mb("العمليات ".encode(), b'{"text": "', b'"}'),
        of_8_mb(b"\\u0639\\n", b'{"text": "', b'"}'),
        of_8_mb(b"\\ud83d\\ude00", b'{"text": "', b'"}'),
        of_8_mb(b",", b'{"text": "', b'"}'),
        of_8_mb(b'\\"', b'{"text": "', b'"}'),
        b"{" + b",".join(b'"k%d":1' % n for n in range(240_000)) + b"}",
        b"[" + b'{"a":1,"a":1},' * 60_000 + b"0]",
        b"[" + b"0," * 240_000 + b"1e999]",
        b"[" + b'"a",' * 240_000 + b'"\\u0000"]',
        of_8_mb(b"{},"),
        of_8_mb(b'"",'),
        of_8_mb(b"[" * 63 + b"]" * 63 + b","),
        of_8_mb(b"9" * 4_000 + b","),
        of_8_mb(b"9", b"0."),
        of_8_mb(b"[", b""),
        of_8_mb(b"a", b'"', b""),
        of_8_mb(b" ", b"", b""),
    ],
    ids=lambda body: ascii(body[:20]),
)
@pytest.mark.timeout(30)  # each takes some 0.1 s; work that grows with the square takes hours
def test_no_body_of_eight_megabytes_takes_long(body):
    attempt(body)
