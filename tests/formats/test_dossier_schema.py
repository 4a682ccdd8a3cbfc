import copy
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rest_framework import serializers

from claims.errors import Invalid
from claims.formats import dossier
from claims.formats.dossier_schema import dossier_schema, typed
from tests.dossiers import SEEDS, changed, seed, small

validator = Draft202012Validator(dossier_schema())


def reads(document: object) -> bool:
    try:
        dossier.read(document)
    except Invalid:
        return False
    return True


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(dossier_schema())


def test_every_object_is_closed_and_every_field_is_named() -> None:
    schema = dossier_schema()
    objects = [schema, *(it for it in schema["$defs"].values() if "properties" in it)]
    assert len(objects) == 11
    assert all(it["additionalProperties"] is False for it in objects)
    assert schema["properties"].keys() == dossier.Dossier().fields.keys()
    assert schema["$defs"]["Claim"]["properties"].keys() == dossier.DossierClaim().fields.keys()


@pytest.mark.parametrize("file", SEEDS, ids=lambda file: file.stem)
def test_every_seed_follows_the_schema(file: Path) -> None:
    assert [*validator.iter_errors(seed(file.name))] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("claims/1/fact", {"subject": "a", "property": "b", "value": "3", "value_type": "text"}),
        (
            "claims/1/fact",
            {"subject": "a", "property": "b", "lower": "3", "value_type": "quantity", "unit": "km"},
        ),
        ("claims/0/appearances/0", {"article": "report"}),
        ("claims/0/appearances/0", {"article": "report", "exact": None, "start": None}),
        ("claims/0/appearances/0", {"article": "report", "start": 0, "end": 5}),
        ("claims/1/asserts", []),
        ("articles/0/snapshot", {"text": "A text.", "withheld": True}),
        ("articles/0/url", "https://ar.example.org/العراق"),
        ("publishers/0/names", {"ar-IQ": "وكالة"}),
        (
            "speakers/0/roles",
            [{"title": "Spokesman", "titles": {}, "since": "2019~", "until": None}],
        ),
    ],
)
def test_both_take_what_is_sound(place: str, value: Any) -> None:
    document = changed(place, value)
    assert reads(document)
    assert [*validator.iter_errors(document)] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("isnad_dossier", 2),
        ("isnad_dossier", "1"),
        ("isnad_dossier", True),
        ("claims", None),
        ("claims/0/key", "Report 1"),
        ("claims/0/text", " \n"),
        ("claims/0/text", "x" * 10_001),
        ("claims/0/speaker", None),
        ("claims/0/speech", "loud"),
        ("claims/0/fact", {"subject": "a", "property": "b", "value": "c", "value_type": "text"}),
        ("claims/0/relayed_by", []),
        ("claims/0/asserts", ["strike-date", "strike-date"]),
        ("claims/0/appearances/0/relayed_by", ["agency"] * 2),
        ("claims/0/appearances/0/start", 2_000_001),
        ("claims/0/appearances/0", {"article": "report", "prefix": ""}),
        ("claims/0/appearances/0", {"article": "report", "end": 5}),
        ("claims/1/asserts", ["strike-date"]),
        ("claims/1/speech", "direct"),
        ("claims/1/fact/value", "May 2021"),
        ("claims/1/fact/unit", "day"),
        ("claims/1/fact", {"subject": "a", "property": "b", "value_type": "quantity"}),
        (
            "claims/1/fact",
            {"subject": "a", "property": "b", "value": "three", "value_type": "quantity"},
        ),
        ("claims/1/verdicts/0/outcome", "false"),
        (
            "claims/1/verdicts/0/evidence",
            [{"url": "https://example.org", "stance": "refutes"}] * 101,
        ),
        ("claims/1/verdicts/0/evidence/0/url", "ftp://example.org"),
        ("claims/1/verdicts/0/label", "two\nlines"),
        ("speakers/0/name", "\u202eevil"),
        ("speakers/0/names", {"not a tag": "x"}),
        ("speakers/0/roles", [{"title": "Spokesman"}] * 101),
        ("articles/0/headline", None),
        ("articles/0/snapshot", {"text": "A text.", "length": 7}),
        ("articles/0/snapshot", {"withheld": True, "sha256": "AB" * 32, "length": 7}),
        ("articles/0/snapshot", {"withheld": False, "sha256": "ab" * 32, "length": 7}),
        ("articles/0/snapshot/captured_at", "2021-05-04"),
    ],
)
def test_both_refuse_what_is_broken(place: str, value: Any) -> None:
    document = changed(place, value)
    assert not reads(document)
    assert not validator.is_valid(document)


def everywhere(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values inside of a JSON value."""
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in inside:
        yield (*path, key)
        yield from everywhere(inner, (*path, key))


def rich() -> dict[str, Any]:
    """A dossier that uses every field."""
    whole = small()
    whole["publishers"][0] |= {"names": {"en": "Agency"}, "url": "https://example.org"}
    whole["speakers"][0] |= {
        "other_names": ["The spokesman"],
        "same_as": ["https://www.wikidata.org/wiki/Q1"],
        "roles": [
            {"title": "Spokesman", "titles": {"ar": "ناطق"}, "since": "2019", "until": "2022"}
        ],
    }
    whole["articles"].append(
        {
            "key": "withheld",
            "publisher": "agency",
            "headline": None,
            "language": "ar",
            "url": "https://example.org/2",
            "snapshot": {
                "withheld": True,
                "sha256": "ab" * 32,
                "length": 90,
                "captured_at": "2021-05-04T12:00:00Z",
            },
        }
    )
    whole["claims"][0] |= {"stated_on": "2021-05"}
    whole["claims"][0]["appearances"].append(
        {"article": "withheld", "exact": "We", "prefix": " ", "suffix": "", "start": 3, "end": 5}
    )
    whole["claims"][1]["verdicts"][0] |= {
        "label": "Wrong date",
        "url": "https://example.org/check",
        "title": "No, it stood",
        "language": "en",
        "date_published": "2021-05-05",
    }
    whole["claims"][1]["verdicts"][0]["evidence"] += [
        {"url": "https://example.org/other", "stance": "supports"},
        {
            "url": "https://example.org/copy",
            "stance": "context",
            "title": "A copy",
            "quote": "It stood.",
            "archive_url": "https://example.org/archive",
            "derived_from": 0,
        },
    ]
    whole["claims"].append(
        {
            "key": "length",
            "kind": "fact",
            "text": "Some 3 km",
            "language": "en",
            "speaker": None,
            "fact": {
                "subject": "the bridge",
                "property": "length",
                "value": "3",
                "value_type": "quantity",
                "unit": "km",
                "approximate": True,
                "lower": "2",
                "upper": "4",
            },
        }
    )
    return whole


RICH = rich()
ABSENT = object()
# Nothing here is refused for a reason that no schema can tell, such as offsets out of order.
VALUES: list[Any] = [
    ABSENT,
    None,
    True,
    -1,
    7.5,
    "",
    " ",
    "!",
    "\u200f",
    "\u200b\ufeff",
    [],
    ["!"],
    {},
    [{}],
]
VALUES += [{"!": "!"}]


def test_both_take_a_dossier_with_every_field() -> None:
    assert reads(RICH)
    assert [*validator.iter_errors(RICH)] == []


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from([*everywhere(RICH)]), value=st.sampled_from(VALUES))
def test_schema_and_serializers_agree_whatever_is_changed(
    place: tuple[Any, ...], value: Any
) -> None:
    document = copy.deepcopy(RICH)
    *path, last = place
    at: Any = reduce(lambda inner, key: inner[key], path, document)
    if value is ABSENT:
        del at[last]
    else:
        at[last] = value
    assert validator.is_valid(document) == reads(document)


def test_a_kind_of_field_that_has_no_schema_is_noticed() -> None:
    with pytest.raises(TypeError, match="EmailField"):
        typed(serializers.EmailField(), {})


def test_the_published_schema_is_current() -> None:
    call_command("dossier_schema", check=True)


def test_the_check_fails_when_the_published_schema_is_stale(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match="is stale"):
        call_command("dossier_schema", check=True)
    call_command("dossier_schema")
    call_command("dossier_schema", check=True)
