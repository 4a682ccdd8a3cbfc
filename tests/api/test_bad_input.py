"""What bad input gets: a problem document that names the field and the mend, and nothing stored."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from rest_framework.fields import empty

from claims.formats.fields import Context, Count, Edtf, Id, Instant, Language, Name, Names, Text
from tests import make
from tests.api import bodies
from tests.api.bodies import WRITES, Spot, World, changed, objects, spots
from tests.conftest import places, problem

pytestmark = pytest.mark.usefixtures("nothing_stored")

each_write = pytest.mark.parametrize("name", WRITES)


def refused(response: Any, pointer: str, slug: str = "invalid", status: int = 400) -> str | None:
    """What is wrong with a refusal that should point there; None if nothing is."""
    try:
        document = problem(response, slug, status)
        assert pointer in places(document), places(document)
        assert all(fault["detail"] for fault in document["errors"])
    except (AssertionError, KeyError) as wrong:
        return f"{pointer}: {str(wrong)[:300] or response.content[:300]}"
    return None


class Faults(list[str]):
    """Gathers what went otherwise than it should, so that one request's fault hides no other."""

    def note(self, what: object, wrong: str | None) -> None:
        if wrong is not None:
            self.append(f"{what!r:.60} → {wrong}")


@pytest.fixture
def faults() -> Iterator[Faults]:
    gathered = Faults()
    yield gathered
    assert not gathered, "\n".join(gathered)


@each_write
def test_the_body_that_is_spoilt_below_is_itself_accepted(world: World, name: str) -> None:
    with transaction.atomic():
        response = world.send(WRITES[name], world.body(WRITES[name]))
        assert response.status_code in {200, 201}, response.content.decode()
        transaction.set_rollback(True)


# Fields


@each_write
def test_an_unknown_field_is_refused_wherever_it_stands(
    world: World, faults: Faults, name: str
) -> None:
    write = WRITES[name]
    for path in objects(write):
        body = changed(world.body(write), (*path, "extra/~"), 1)
        pointer = Spot((*path, "extra~1~0"), None).pointer
        faults.note(path, refused(world.send(write, body), pointer))


@each_write
def test_a_read_only_field_is_refused_as_such(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    read_only = write.answers().fields.keys() - write.serializer.fields.keys()
    assert {"id"} <= read_only
    for field in sorted(read_only):
        response = world.send(write, world.body(write) | {field: "x"})
        faults.note(field, refused(response, f"#/{field}"))
        said = response.json()["errors"][0]["detail"]
        faults.note(field, None if "read-only" in said else said)


@each_write
def test_a_value_of_another_type_is_refused_in_every_field(
    world: World, faults: Faults, name: str
) -> None:
    samples = {
        "number": [5, 1.5],
        "bool": [True],
        "list": [[]],
        "object": [{}],
        "null": [None],
        "string": ["x"],
    }
    write = WRITES[name]
    for spot in spots(write):
        for kind in samples.keys() - spot.kinds:
            for value in samples[kind]:
                body = changed(world.body(write), spot.path, value)
                faults.note(value, refused(world.send(write, body), spot.pointer))


@pytest.mark.parametrize("value", [1.5, 1e3, "5", True, [5]])
def test_a_count_is_a_whole_number_and_nothing_else(world: World, value: Any) -> None:
    body = changed(world.body(WRITES["appearance"]), ("start",), value)
    wrong = refused(world.send(WRITES["appearance"], body), "#/start")
    assert wrong is None


@each_write
def test_a_field_that_is_needed_is_asked_for(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if spot.required and spot.field.field_name == spot.path[-1]:
            body = changed(world.body(write), spot.path, empty)
            faults.note(spot.path, refused(world.send(write, body), spot.pointer))


@each_write
def test_a_body_that_is_no_object_is_refused(world: World, faults: Faults, name: str) -> None:
    for body in ([], [{}], "x", 5, True, None):
        faults.note(body, refused(world.send(WRITES[name], body), "#"))


NO_JSON = [
    b"",
    b" ",
    b"{",
    b'{"name": }',
    b"{'name': 'x'}",
    b'{"name": "x"} x',
    b"NaN",
    b'{"name": "\xff\xfe"}',
    b'{"name": "\xed\xa0\x80"}',
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
    b"[" * 100_000,
    b'{"name":' * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
]


@each_write
def test_a_body_that_is_no_json_is_refused(world: World, faults: Faults, name: str) -> None:
    for body in NO_JSON:
        faults.note(body, refused(world.send(WRITES[name], body), "#", slug="not-json"))


@each_write
def test_a_doubled_key_is_refused_wherever_it_stands(
    world: World, faults: Faults, name: str
) -> None:
    write = WRITES[name]
    for path in objects(write):
        marked = json.dumps(changed(world.body(write), (*path, "MARK"), 1))
        body = marked.replace('"MARK": 1', '"twice": 1, "twice": 1').encode()
        pointer = Spot(path, None).pointer
        faults.note(path, refused(world.send(write, body), pointer, slug="not-json"))


@each_write
def test_nul_and_half_characters_are_refused_in_every_text(
    world: World, faults: Faults, name: str
) -> None:
    write = WRITES[name]
    for bad in ("\0", "x\ud800", "\udfffx"):
        for spot in spots(write):
            if "string" in spot.kinds:
                body = changed(world.body(write), spot.path, bad)
                response = world.send(write, body)
                faults.note(spot.path, refused(response, spot.pointer, slug="not-json"))
        response = world.send(write, world.body(write) | {bad: 1})
        faults.note(bad, refused(response, "#", slug="not-json"))


BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = "\x01\t\n\r\x7f\x85\u2028\u2029"


@each_write
def test_control_characters_are_refused_in_every_name(
    world: World, faults: Faults, name: str
) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if isinstance(spot.field, Name):
            for character in BIDI + CONTROLS:
                body = changed(world.body(write), spot.path, f"a{character}b")
                response = world.send(write, body)
                faults.note(character, refused(response, spot.pointer))
                said = response.json()["errors"][0]["detail"]
                faults.note(character, None if "Character 1" in said else said)


@each_write
def test_nothing_that_can_be_seen_is_no_text(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if "string" in spot.kinds and not isinstance(spot.field, Context):
            for blank in ("", " ", "\n\u00a0\u3000", "\u200b\u2060\ufeff\u064e"):
                body = changed(world.body(write), spot.path, blank)
                faults.note(blank, refused(world.send(write, body), spot.pointer))


# Sizes


@each_write
def test_a_text_over_the_maximum_is_refused(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if isinstance(spot.field, Text):
            most = spot.field.max_length
            assert most is not None, spot.pointer
            body = changed(world.body(write), spot.path, "ع" * (most + 1))
            faults.note(spot.path, refused(world.send(write, body), spot.pointer))


@each_write
def test_a_list_over_the_maximum_is_refused(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if isinstance(spot.path[-1], str) and spot.kinds & {"list"}:
            [value, *_] = filled_at(world.body(write), spot.path)
            body = changed(world.body(write), spot.path, [value] * 101)
            faults.note(spot.path, refused(world.send(write, body), spot.pointer))
        if isinstance(spot.field, Names):
            names = {f"ar-x-{n}": "name" for n in range(101)}
            body = changed(world.body(write), spot.path, names)
            faults.note(spot.path, refused(world.send(write, body), spot.pointer))


def filled_at(body: Any, path: bodies.Path) -> Any:
    for step in path:
        body = body[step]
    return body


CONTRACT = [
    ("article", ("text",), 1_000_000),
    ("snapshot", ("text",), 1_000_000),
    ("fact", ("text",), 10_000),
    ("claim edited", ("text",), 10_000),
    ("verify", ("rationale",), 50_000),
    ("note", ("text",), 50_000),
    ("verify", ("label",), 80),
    ("publisher", ("name",), 300),
    ("speaker", ("name",), 300),
    ("speaker", ("names", "ar"), 300),
    ("speaker", ("other_names", 0), 300),
    ("fact", ("fact", "subject"), 300),
    ("fact", ("fact", "property"), 300),
]


@pytest.mark.parametrize(("name", "path", "most"), CONTRACT)
def test_texts_are_taken_up_to_the_maximum_of_the_contract_and_no_further(
    world: World, name: str, path: bodies.Path, most: int
) -> None:
    write = WRITES[name]
    body = changed(world.body(write), path, "😀" * most)
    with transaction.atomic():
        assert world.send(write, body).status_code in {200, 201}
        transaction.set_rollback(True)
    body = changed(world.body(write), path, "😀" * most + "x")
    assert refused(world.send(write, body), Spot(path, None).pointer) is None


def padded(size: int) -> bytes:
    return b'{"unknown": 1}'.ljust(size)


@each_write
def test_a_body_over_the_limit_is_refused(world: World, name: str) -> None:
    large = name in {"article", "article edited", "snapshot", "withheld snapshot"}
    limit = 8_000_000 if large else 2_000_000
    document = problem(world.send(WRITES[name], padded(limit + 1)), "too-large", 413)
    assert str(limit) in document["detail"]
    assert world.send(WRITES[name], padded(limit)).status_code != 413


@each_write
def test_a_body_over_every_limit_is_refused_too(world: World, name: str) -> None:
    problem(world.send(WRITES[name], padded(8_000_001)), "too-large", 413)


def test_a_body_of_too_many_values_is_refused(world: World) -> None:
    body = b'{"name": [' + b"0," * 250_000 + b"0]}"
    assert refused(world.send(WRITES["publisher"], body), "#", slug="not-json") is None


# Values


@each_write
def test_numbers_out_of_range_are_refused(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if isinstance(spot.field, Count):
            for number in (-1, 2_000_001, 2**31, 2**63 - 1, -(2**63)):
                if spot.field.min_value <= number <= spot.field.max_value:
                    continue
                body = changed(world.body(write), spot.path, number)
                faults.note(number, refused(world.send(write, body), spot.pointer))
            for number in (2**63, 10**20, -(10**400)):
                marked = json.dumps(changed(world.body(write), spot.path, "MARK"))
                body = marked.replace('"MARK"', str(number)).encode()
                response = world.send(write, body)
                faults.note(number, refused(response, spot.pointer, slug="not-json"))


NO_DATES = [
    "2017-13-45",
    "2017-02-30",
    "2017-02-29",
    "0000",
    "0000-01-01",
    "2019/2017",
    "2020-03-14/2020-03-13",
    "yesterday",
    "10.12.2017",
    "٢٠١٧-١٢-١٠",
    "2017-12-10 ",
    "2017-12-10T25:00:00Z",
    "../..",
    "9" * 5_000,
]


@each_write
def test_what_is_no_date_is_refused_wherever_a_date_stands(
    world: World, faults: Faults, name: str
) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if isinstance(spot.field, Edtf):
            for date in NO_DATES:
                body = changed(world.body(write), spot.path, date)
                faults.note(date, refused(world.send(write, body), spot.pointer))


@pytest.mark.parametrize("date", NO_DATES, ids=lambda date: ascii(date[:30]))
def test_the_value_of_a_fact_that_is_a_date_is_held_to_the_same(world: World, date: str) -> None:
    fact = make.FACT | {"value": date}
    for name in ("fact", "claim edited"):
        body = changed(world.body(WRITES[name]), ("fact",), fact)
        assert refused(world.send(WRITES[name], body), "#/fact/value") is None


@each_write
def test_what_is_no_instant_is_refused(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if isinstance(spot.field, Instant):
            for instant in (
                "2020-03-14",
                "2020-03-14T09:30:00",
                "2020-03-14T09:30Z",
                "2020-13-14T09:30:00Z",
                "2020-03-14T24:30:00Z",
                "2020-03-14T09:30:00+99:00",
                "0000-01-01T00:00:00Z",
                "0001-01-01T00:00:00+14:00",
                "9999-12-31T23:59:59-14:00",
                "1584178200",
                "٢٠٢٠-٠٣-١٤T٠٩:٣٠:٠٠Z",
            ):
                body = changed(world.body(write), spot.path, instant)
                faults.note(instant, refused(world.send(write, body), spot.pointer))


@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
def test_an_instant_out_of_range_is_told_with_its_range(world: World, instant: str) -> None:
    body = {"label": "x", "scopes": ["read"], "expires_at": instant}
    document = problem(world.api.post("/api-keys/", body), "invalid", 400)
    assert "9999" in document["errors"][0]["detail"]


@each_write
def test_what_is_no_language_is_refused(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    for spot in spots(write):
        for tag in ("zz", "xx-YY", "arabic", "ar_IQ", "a", "root", "ar-", "en-US-US", "عر"):
            if isinstance(spot.field, Language):
                body = changed(world.body(write), spot.path, tag)
                faults.note(tag, refused(world.send(write, body), spot.pointer))
            if isinstance(spot.field, Names):
                body = changed(world.body(write), spot.path, {tag: "x"})
                faults.note(tag, refused(world.send(write, body), f"{spot.pointer}/{tag}"))


def test_one_language_in_two_spellings_is_a_doubled_name(world: World) -> None:
    body = {"name": "x", "names": {"ar-IQ": "x", "AR-iq": "y"}}
    assert refused(world.send(WRITES["publisher"], body), "#/names/AR-iq") is None


@each_write
def test_an_id_of_nothing_is_refused_wherever_one_is_named(
    world: World, faults: Faults, name: str
) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if isinstance(spot.field, Id):
            other = "publisher" if spot.path[-1] == "organization" else "organization"
            for unknown in (str(uuid.uuid4()), world.ids[other]):
                body = changed(world.body(write), spot.path, unknown)
                faults.note(unknown, refused(world.send(write, body), spot.pointer))
            for none in ("x", "1", "0" * 32, f"{{{uuid.uuid4()}}}", f"urn:uuid:{uuid.uuid4()}"):
                body = changed(world.body(write), spot.path, none)
                faults.note(none, refused(world.send(write, body), spot.pointer))


URLS = [
    "example.org",
    "ftp://example.org/",
    "javascript:alert(1)",
    "//example.org/",
    "http://",
    "http:///path",
    "http://[::1",
    "http://example.org:99999/",
    "http://user:secret@example.org/",
    "http://example.org/a b",
    'http://example.org/"><script>',
    "http://a℀b/",
]


@each_write
def test_what_is_no_web_address_is_refused(world: World, faults: Faults, name: str) -> None:
    write = WRITES[name]
    for spot in spots(write):
        if type(spot.field).__name__ == "Url":
            for url in URLS:
                body = changed(world.body(write), spot.path, url)
                faults.note(url, refused(world.send(write, body), spot.pointer))


WRONG = [
    ("article", {"headline": None, "url": None}, "#/headline"),
    ("article", {"text": empty, "withheld": True}, "#/withheld"),
    ("article edited", {"headline": None, "url": None}, "#/headline"),
    ("snapshot", {"text": empty}, "#/text"),
    ("snapshot", {"length": 12}, "#/length"),
    ("withheld snapshot", {"length": empty}, "#/sha256"),
    ("withheld snapshot", {"sha256": "0F" * 32}, "#/sha256"),
    ("withheld snapshot", {"sha256": "0f" * 32 + "\n"}, "#/sha256"),
    ("withheld snapshot", {"withheld": False}, "#/text"),
    ("speaker", {"other_names": ["a", "a"]}, "#/other_names"),
    ("speaker", {"roles": [{}]}, "#/roles/0/title"),
    ("speaker edited", {"roles": [{}]}, "#/roles/0/title"),
    ("fact", {"fact": None}, "#/fact"),
    ("fact", {"speech": "direct"}, "#/speech"),
    ("fact", {"asserts": ["{fact}"]}, "#/asserts"),
    ("statement", {"speaker": None}, "#/speaker"),
    ("statement", {"speech": None}, "#/speech"),
    ("statement", {"fact": make.FACT}, "#/fact"),
    ("statement", {"asserts": ["{statement}"]}, "#/asserts/0"),
    ("statement", {"asserts": ["{fact}", "{fact}"]}, "#/asserts"),
    ("fact", {"fact": bodies.QUANTITY | {"value": "three"}}, "#/fact/value"),
    ("fact", {"fact": bodies.QUANTITY | {"value": "3e5"}}, "#/fact/value"),
    ("fact", {"fact": bodies.QUANTITY | {"value": "٣"}}, "#/fact/value"),
    ("fact", {"fact": bodies.QUANTITY | {"value": "3\n"}}, "#/fact/value"),
    ("fact", {"fact": bodies.QUANTITY | {"value": "1" * 31}}, "#/fact/value"),
    ("fact", {"fact": bodies.QUANTITY | {"lower": "9"}}, "#/fact/upper"),
    ("fact", {"fact": {k: v for k, v in make.FACT.items() if k != "value"}}, "#/fact/value"),
    ("fact", {"fact": make.FACT | {"unit": "year"}}, "#/fact/unit"),
    ("fact", {"fact": make.FACT | {"value": None}}, "#/fact/value"),
    ("claim edited", {"fact": {}}, "#/fact/value_type"),
    ("claim edited", {"fact": {"value": "2018"}}, "#/fact/subject"),
    ("claim edited", {"fact": None}, "#/fact"),
    ("appearance", {"snapshot": None, "article": None}, "#/snapshot"),
    ("appearance", {"snapshot": None}, "#/exact"),
    ("appearance", {"exact": None, "end": None}, "#/exact"),
    ("appearance", {"start": 5, "end": 5}, "#/end"),
    ("appearance", {"relayed_by": ["{speaker}"] * 2}, "#/relayed_by"),
    ("verify", {"rationale": empty}, "#/rationale"),
    ("verify", {"rationale": "\u200f \n"[1:]}, "#/rationale"),
    ("verify", {"evidence": [bodies.EVIDENCE | {"derived_from": 0}]}, "#/evidence/0/derived_from"),
    ("verdict", {"outcome": "contested"}, "#/outcome"),
    ("verdict", {"outcome": "Verified"}, "#/outcome"),
    ("member", {"role": "owner"}, "#/role"),
    ("api key", {"scopes": []}, "#/scopes"),
    ("api key", {"scopes": ["read", "read"]}, "#/scopes"),
    ("api key", {"scopes": ["admin"]}, "#/scopes/0"),
    ("api key", {"expires_at": "2020-01-01T00:00:00Z"}, "#/expires_at"),
]


@pytest.mark.parametrize(("name", "wrong", "pointer"), WRONG)
def test_fields_that_do_not_go_together_are_refused(
    world: World, name: str, wrong: dict[str, Any], pointer: str
) -> None:
    body = world.body(WRITES[name]) | bodies.filled(wrong, world.ids)
    body = {key: value for key, value in body.items() if value is not empty}
    assert refused(world.send(WRITES[name], body), pointer) is None


def test_an_article_keeps_its_headline_where_it_has_no_url(world: World) -> None:
    with transaction.atomic():
        article = make.article(headline="A headline", url=None)
        other = World(world.api, world.ids | {"article": str(article.pk)})
        response = other.send(WRITES["article edited"], {"headline": None})
        transaction.set_rollback(True)
    assert refused(response, "#/headline") is None


def test_revoking_takes_no_body(world: World) -> None:
    [key] = world.api.read("/api-keys/")["results"]
    response = world.api.post(f"/api-keys/{key['id']}/revoke/", {"reason": "x"})
    assert refused(response, "#") is None
