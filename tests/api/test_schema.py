"""The API's description: complete, true, and served with its docs."""

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from claims.api.examples import AR, EN, EXAMPLES
from claims.api.permissions import RIGHTS
from claims.api.urls import urlpatterns
from claims.errors import REFUSALS

WITHOUT_BODY = {("api-keys", "revoke")}
WRITING = {"create", "partial_update", "verify", "dispute", "withdraw", "revoke", "dossier"}
WRITING |= {"rotate_secret", "replay"}


@pytest.fixture(scope="module")
def schema() -> dict:
    from drf_spectacular.generators import SchemaGenerator

    return SchemaGenerator().get_schema(request=None, public=True)


def asked_by(resource: str, action: str) -> type:
    """The serializer of a request's body."""
    for pattern in urlpatterns:
        view = getattr(getattr(pattern, "callback", None), "cls", None)
        if view is not None and getattr(view, "resource", None) == resource:
            return view.asks[action]
    raise LookupError(resource)


@pytest.mark.parametrize("what", sorted(key for key in RIGHTS if key[1] in WRITING - {"revoke"}))
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
        if method in {"get", "post", "patch"}
    ]
    assert len(operations) >= len(RIGHTS)
    for path, method, operation in operations:
        responses = operation["responses"]
        headers = {it["name"] for it in operation.get("parameters", ()) if it["in"] == "header"}
        where = f"{method} {path}"
        assert operation["summary"], where
        assert {"429", "503"} <= responses.keys(), where
        if method in {"post", "patch"}:
            assert {"400", "401", "403", "413", "415"} <= responses.keys(), where
        if method == "post":
            assert "Idempotency-Key" in headers, where
            assert {"409", "422"} <= responses.keys(), where
        if method == "patch":
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
    elsewhere = {"server-error", "bad-request", "method-not-allowed"}
    missing = {slug for slug in REFUSALS if f"`{slug}`" not in described} - elsewhere
    assert not missing


@pytest.mark.django_db
def test_the_description_is_served_as_openapi_3_1() -> None:
    served = Client().get(reverse("schema"))
    assert served.status_code == 200
    assert yaml.safe_load(served.content)["openapi"].startswith("3.1")
