"""What a webhook is sent is what the description of the API says that it is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from claims.formats.webhook_event import LARGEST
from claims.vocabulary import INTERNAL, ChangeType
from tests.api.bodies import World
from tests.api.test_recording import CASES, sent
from tests.api.test_recording import made as made
from tests.api.test_recording import world as world
from tests.conftest import Api
from tests.sink import Received, Sink

Deliver = Callable[[], int]

MESSAGE = "post/requestBody/content/application~1json/schema"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))


def validator(described: dict[str, Any], kind: str) -> Draft202012Validator:
    """Of the messages of a type; the whole description is there for what it refers to."""
    schema = described | {"$ref": f"#/webhooks/{kind}/{MESSAGE}"}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_there_is_one_call_for_each_type_of_change(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    assert described["webhooks"].keys() == set(ChangeType.values)
    for kind, methods in described["webhooks"].items():
        [(method, call)] = methods.items()
        assert method == "post"
        assert call["summary"], kind
        assert call["requestBody"]["required"] is True
        headers = {it["name"] for it in call["parameters"] if it["in"] == "header"}
        assert headers == {"webhook-id", "webhook-timestamp", "webhook-signature"}
        assert ("description" in call) == (kind in INTERNAL)


def received_of_everything(world: World, receiver: Sink, deliver: Deliver) -> list[Received]:
    """One organization's webhook, after all that can happen has happened."""
    made = world.api.made("/webhooks/", {"url": receiver.url})
    left: set[ChangeType] = set()
    for case in CASES.values():
        types = {it.type for it in case.leaves}
        if types - left:
            tag = world.api.etag(f"/claims/{world.ids['judged']}/")
            sent(world, case.write, {"if_match": tag} if "{judged}" in case.write.path else {})
            left |= types
    replay = world.api.post(f"/webhooks/{made['id']}/replay/", {"after": 0})
    assert replay.status_code == 200, replay.content
    deliver()
    return receiver.received


def test_a_call_of_every_type_is_as_it_is_described(
    world: World, receiver: Sink, deliver: Deliver, described: dict[str, Any]
) -> None:
    received = received_of_everything(world, receiver, deliver)
    # Nobody who reads on makes these happen: whoever comes in, and the owner of the tables.
    others = {ChangeType.INVITATION_ACCEPTED, ChangeType.MEMBER_ERASED}
    assert {it.json["type"] for it in received} == set(ChangeType.values) - others
    for it in received:
        kind = it.json["type"]
        validator(described, kind).validate(it.json)
        called = {name.lower() for name in it.headers}
        for parameter in described["webhooks"][kind]["post"]["parameters"]:
            assert parameter["name"] in called
        other = next(name for name in ChangeType.values if name != kind)
        assert not validator(described, other).is_valid(it.json)
        for name in it.json["data"]:
            less = {key: value for key, value in it.json["data"].items() if key != name}
            assert not validator(described, kind).is_valid(it.json | {"data": less}), name


def test_so_is_one_that_tells_only_where_to_read_it(
    world: World, receiver: Sink, deliver: Deliver, described: dict[str, Any], anyone: Api
) -> None:
    types = ["verdict.issued"]
    world.api.made("/webhooks/", {"url": receiver.url, "types": types})
    move = {"rationale": "It was a day earlier. " * 1_000}
    world.api.made(f"/claims/{world.ids['fact']}/dispute/", move)
    deliver()
    [it] = receiver.received
    assert len(it.body) < LARGEST < len(move["rationale"])
    validator(described, "verdict.issued").validate(it.json)
    [told] = anyone.read(it.json["data"]["url"])["results"]
    assert told["document"]["rationale"] == move["rationale"]
    for name in it.json["data"]:
        less = {key: value for key, value in it.json["data"].items() if key != name}
        assert not validator(described, "verdict.issued").is_valid(it.json | {"data": less}), name
