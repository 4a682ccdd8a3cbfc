"""The API's description: complete, true, and served with its docs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from claims.api import words
from claims.api.examples import AR, EN, EXAMPLES
from claims.api.permissions import QUESTIONS, RIGHTS, SIGNING
from claims.api.urls import urlpatterns
from claims.errors import REFUSALS
from tests.api.bodies import World, filled
from tests.api.test_bad_requests import DETAILS, LISTS

WITHOUT_BODY = {("api-keys", "revoke"), ("invitations", "revoke")}
WITHOUT_BODY |= {("drafts", "confirm"), ("drafts", "withdraw")}
# Google's API has a description of its own (docs/adr/0036).
OURS = {it for it in RIGHTS if not it[0].startswith("google-")}
WRITING = {"create", "partial_update", "verify", "dispute", "withdraw", "revoke", "dossier", "bulk"}
WRITING |= {"rotate_secret", "replay", "suggestions", "claimreview", "send_back", "assign"}
WRITING |= {"uphold", "correct", "reject"}


@pytest.fixture(scope="module")
def schema() -> dict:
    from drf_spectacular.generators import SchemaGenerator

    return SchemaGenerator().get_schema(request=None, public=True)


def asked_by(resource: str, action: str) -> type:
    """The serializer of a request's body."""
    for pattern in urlpatterns:
        view = getattr(getattr(pattern, "callback", None), "cls", None)
        if action in getattr(view, "asks", ()) and view.resource == resource:
            return view.asks[action]
    raise LookupError(resource)


@pytest.mark.parametrize(
    "what",
    sorted(
        {key for key in OURS if key[1] in WRITING} - WITHOUT_BODY
        | QUESTIONS
        | (SIGNING - {("session", "show"), ("session", "sign_out")})
    ),
)
def test_every_request_with_a_body_has_a_sound_example_in_english_and_in_arabic(
    what: tuple[str, str],
) -> None:
    assert EXAMPLES[what].keys() == {EN, AR}
    for body in EXAMPLES[what].values():
        asked = asked_by(*what)(data=body, partial=what[1] == "partial_update")
        assert asked.is_valid(), asked.errors


def test_every_operation_tells_its_refusals_and_headers(schema: dict) -> None:
    operations = [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "patch", "put", "delete"} and path.startswith("/api/v1/")
    ]
    assert len(operations) >= len(OURS)
    for path, method, operation in operations:
        responses = operation["responses"]
        headers = {it["name"] for it in operation.get("parameters", ()) if it["in"] == "header"}
        where = f"{method} {path}"
        assert operation["summary"], where
        assert {"401", "405", "429", "503"} <= responses.keys(), where
        assert "WWW-Authenticate" in responses["401"]["headers"], where
        assert "Allow" in responses["405"]["headers"], where
        if method in {"post", "patch", "put"}:
            assert {"400", "401", "403", "413", "415"} <= responses.keys(), where
        reads = operation["operationId"] in map("_".join, QUESTIONS | SIGNING)
        assert reads <= ("Idempotency-Key" not in headers), where
        if method == "post" and not reads:
            assert "Idempotency-Key" in headers, where
            assert {"409", "422"} <= responses.keys(), where
            for status in [it for it in responses if it < "300"]:
                assert "Idempotency-Replayed" in responses[status]["headers"], where
        if method in {"patch", "put"}:
            assert "If-Match" in headers, where
            assert {"412", "428"} <= responses.keys(), where
        if method == "get" and path.endswith("{id}/"):
            assert "If-None-Match" in headers, where
            assert "ETag" in responses["200"]["headers"], where
            assert {"304", "404"} <= responses.keys(), where
        for status, response in responses.items():
            if status >= "400":
                assert "application/problem+json" in response["content"], where


def test_every_refusal_that_a_caller_can_meet_is_described_somewhere(schema: dict) -> None:
    described = str(schema["paths"])
    # A caller who follows the description never meets these.
    elsewhere = {"server-error", "bad-request"}
    missing = {slug for slug in REFUSALS if f"`{slug}`" not in described} - elsewhere
    assert not missing


def objects(schema: Any, where: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of an object in a description, with the place where it stands."""
    if isinstance(schema, list):
        for i, inner in enumerate(schema):
            yield from objects(inner, f"{where}/{i}")
    elif isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield where, schema
        for name, inner in schema.items():
            yield from objects(inner, f"{where}/{name}")


def test_every_field_and_parameter_says_what_it_means(schema: dict) -> None:
    silent = [
        f"{where}/{name}"
        for where, found in objects(schema)
        for name, field in found["properties"].items()
        if not field.get("description")
    ]
    silent += [
        f"{path}?{parameter['name']}"
        for path, methods in schema["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert silent == []


def test_no_word_is_left_over(schema: dict) -> None:
    said = {
        field["description"]
        for _, found in objects(schema)
        for field in found["properties"].values()
    }
    assert [name for name, words in words.FIELDS.items() if words not in said] == []
    asked = {
        parameter["name"]
        for methods in schema["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
    }
    assert words.PARAMETERS.keys() <= asked


def named_in(part: Any, schema: dict) -> set[str]:
    """The components that a part of the description refers to, by way of others too."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        for name in re.findall("#/components/schemas/([A-Za-z]+)", str(waiting.pop())):
            if name not in found:
                found.add(name)
                waiting.append(schema["components"]["schemas"][name])
    return found


# A problem names its errors and its rule where it has any, and each error one place.
MAY_LACK = {"#/components/schemas/Problem": {"errors", "rule"}}
MAY_LACK["#/components/schemas/Fault"] = {"pointer", "parameter", "header"}
# A list that is not searched has nothing beside its pages.
PAGE_OF = "#/paths//api/v1/{}//get/responses/200/content/application/json/schema"
MAY_LACK |= {PAGE_OF.format(name): {"search"} for name in ("claims", "articles")}


def test_what_does_not_apply_is_null_in_an_answer_and_not_absent(schema: dict) -> None:
    bodies = [
        operation.get("requestBody")
        for methods in schema["paths"].values()
        for operation in methods.values()
    ]
    asked = {f"#/components/schemas/{name}" for name in named_in(bodies, schema)}
    lacking = {
        where: missing
        for where, found in objects(schema)
        if where not in asked
        and (missing := found["properties"].keys() - set(found.get("required", ())))
    }
    assert lacking == MAY_LACK


@pytest.mark.usefixtures("nothing_stored")
def test_what_is_answered_is_what_is_described(
    world: World, schema: dict, subtests: pytest.Subtests
) -> None:
    described = {re.sub(r"\{[a-z]+\}", "{}", path): it for path, it in schema["paths"].items()}
    for path in [*LISTS.values(), *DETAILS, "/", "/changes/", "/log/"]:
        with subtests.test(path=path):
            operation = described["/api/v1" + re.sub(r"\{[a-z]+\}", "{}", path)]["get"]
            told = operation["responses"]["200"]["content"]["application/json"]["schema"]
            answer = world.api.read(filled(path, world.ids))
            validator = Draft202012Validator(told | {"components": schema["components"]})
            assert [*validator.iter_errors(answer)] == []


def test_what_operators_read_is_described_too(schema: dict) -> None:
    for path in ("/livez", "/readyz", "/api/schema/dossier.json"):
        operation = schema["paths"][path]["get"]
        assert operation["summary"]
        assert "Allow" in operation["responses"]["405"]["headers"]
    assert "503" in schema["paths"]["/readyz"]["get"]["responses"]


def test_how_to_sign_in_is_described(schema: dict) -> None:
    assert schema["components"]["securitySchemes"].keys() == {"key", "session"}


@pytest.mark.django_db
def test_the_description_is_served_as_openapi_3_1() -> None:
    served = Client().get(reverse("schema"))
    assert served.status_code == 200
    assert yaml.safe_load(served.content)["openapi"].startswith("3.1")
