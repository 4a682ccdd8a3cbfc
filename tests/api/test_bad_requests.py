"""What bad queries, headers, paths and methods get: a problem document, and nothing stored."""

import base64
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, RequestFactory

from claims.api import problems
from tests import make
from tests.api.bodies import WRITES, World, filled
from tests.conftest import Api, places, problem

pytestmark = pytest.mark.usefixtures("nothing_stored")

each_write = pytest.mark.parametrize("name", WRITES)

LISTS = {
    "publishers": "/publishers/",
    "articles": "/articles/",
    "snapshots": "/articles/{article}/snapshots/",
    "speakers": "/speakers/",
    "claims": "/claims/",
    "appearances": "/claims/{fact}/appearances/",
    "verdicts": "/claims/{fact}/verdicts/",
    "history": "/claims/{fact}/history/",
    "organizations": "/organizations/",
    "members": "/organizations/{organization}/members/",
    "invitations": "/organizations/{organization}/invitations/",
    "api-keys": "/api-keys/",
    "webhooks": "/webhooks/",
    "deliveries": "/webhooks/{webhook}/deliveries/",
    "queue": "/queue/",
    "notes": "/claims/{fact}/notes/",
    "desk-notes": "/notes/",
    "contests": "/claims/{contested}/contests/",
    "desk-contests": "/contests/",
    "corrections": "/corrections/",
}
each_list = pytest.mark.parametrize("path", LISTS.values(), ids=LISTS)
DETAILS = (
    "/publishers/{publisher}/",
    "/articles/{article}/",
    "/articles/{article}/snapshots/{snapshot}/",
    "/speakers/{speaker}/",
    "/claims/{fact}/",
    "/organizations/{organization}/",
    "/organizations/{organization}/members/{member}/",
    "/organizations/{organization}/invitations/{invitation}/",
    "/webhooks/{webhook}/",
    "/queue/{item}/",
    "/claims/{contested}/contests/{contest}/",
    "/contests/{contest}/",
)
each_detail = pytest.mark.parametrize("path", DETAILS)

# Queries


BAD_QUERIES = [
    ("unknown=1", "unknown"),
    ("unknown", "unknown"),
    ("Cursor=x", "Cursor"),
    ("page_size=5&page_size=5", "page_size"),
    ("page_size=", "page_size"),
    ("page_size", "page_size"),
    ("ordering=", "ordering"),
    ("=1", ""),
    ("format=json", "format"),
    ("page_size=0", "page_size"),
    ("page_size=201", "page_size"),
    ("page_size=-1", "page_size"),
    ("page_size=1.5", "page_size"),
    ("page_size=1e1", "page_size"),
    ("page_size=%D9%A5", "page_size"),
    (f"page_size={'9' * 5_000}", "page_size"),
    ("page_size=%00", "page_size"),
    ("ordering=id", "ordering"),
    ("ordering=created_at,id", "ordering"),
    ("ordering=--created_at", "ordering"),
    ("ordering=created_at%00", "ordering"),
    ("%00=%00", "\0"),
    ("%ff=%ff", "\ufffd"),
]


@each_list
def test_a_parameter_that_cannot_be_accepted_is_named(
    world: World, path: str, subtests: pytest.Subtests
) -> None:
    for query, parameter in BAD_QUERIES:
        with subtests.test(query=ascii(query)[:40]):
            response = world.api.get(f"{filled(path, world.ids)}?{query}")
            document = problem(response, "bad-parameter", 400)
            assert [fault.get("parameter") for fault in document["errors"]] == [parameter]


NO_UTF8 = ["%ED%A0%80", "%80", "a%ff", "%C0%AF", "%F5%80%80%80"]


@pytest.mark.parametrize("value", NO_UTF8)
def test_a_value_that_is_no_utf_8_is_refused_in_every_list(world: World, value: str) -> None:
    for path in [*LISTS.values(), "/changes/", "/log/proof/inclusion/"]:
        known = "number" if "proof" in path else "page_size"
        response = world.api.get(f"{filled(path, world.ids)}?{known}={value}")
        assert places(problem(response, "bad-parameter", 400)) == {known}
    for name in ("subject", "property"):
        document = problem(world.api.get(f"/claims/?{name}={value}"), "bad-parameter", 400)
        assert [fault["parameter"] for fault in document["errors"]] == [name]
        assert "UTF-8" in document["errors"][0]["detail"]


def test_the_character_that_stands_for_broken_ones_can_itself_be_asked_for(world: World) -> None:
    assert world.api.get("/claims/?subject=%EF%BF%BD").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_many_parameters_are_told_as_what_the_caller_can_mend(
    world: World, method: str
) -> None:
    response = world.api.send(method, "/publishers/?" + "a=b&" * 3_000, {"name": "x"})
    document = problem(response, "bad-parameter", 400)
    assert "1000" in document["detail"]
    assert "settings" not in document["detail"]


@each_detail
def test_a_single_document_takes_no_parameters(world: World, path: str) -> None:
    response = world.api.get(f"{filled(path, world.ids)}?page_size=5")
    assert places(problem(response, "bad-parameter", 400)) == {"page_size"}


def test_the_root_takes_no_parameters(world: World) -> None:
    assert places(problem(world.api.get("/?x=1"), "bad-parameter", 400)) == {"x"}


@each_write
def test_a_write_takes_no_parameters(world: World, name: str) -> None:
    write = WRITES[name]
    path = filled(write.path, world.ids)
    response = world.api.send(
        write.method, f"{path}?dry_run=true", world.body(write), if_match='"x"'
    )
    assert places(problem(response, "bad-parameter", 400)) == {"dry_run"}


NO_IDS = ["x", "1", "0" * 32, "00000000-0000-0000-0000-00000000000g", "%00", "%ff", "null"]
NO_INSTANTS = [
    "yesterday", "2020", "2020-13-01", "2020-02-30", "20200314", "2020-W11-6", "2020-03-14T09:30",
    "2020-03-14T09:30:00", "2020-03-14T09:30:00+03:00", "0000-01-01", "1584178200", "%00",
    "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "٢٠٢٠-٠٣-١٤", "9" * 5_000,
]  # fmt: skip
NO_DAYS = [
    "yesterday", "2017", "2017-13-45", "2017-02-30", "0000-01-01", "2017-12", "2017~", "20171210",
    "2017-W50-7", "2017-12-10T00:00:00Z", "%00", "٢٠١٧-١٢-١٠", "9" * 5_000,
]  # fmt: skip
NO_LANGUAGES = ["zz", "arabic", "ar_IQ", "a", "*", "root", "%00", "a" * 5_000]

BAD_FILTERS = {
    "/claims/": {
        "kind": ["Fact", "fact,statement", "%00", "x" * 5_000],
        "status": ["withdrawn", "true"],
        "language": NO_LANGUAGES,
        "speaker": NO_IDS,
        "publisher": NO_IDS,
        "article": NO_IDS,
        "organization": NO_IDS,
        "outcome": ["contested", "unverified"],
        "subject": ["x" * 301, "%00"],
        "property": ["x" * 301, "%00"],
        "published_after": NO_DAYS,
        "published_before": NO_DAYS,
        "created_after": NO_INSTANTS,
        "created_before": NO_INSTANTS,
        "changed_after": NO_INSTANTS,
        "has_verdict": ["1", "yes", "True", "null"],
        "related_to": NO_IDS,
        "same_as": NO_IDS,
    },
    "/articles/": {
        "publisher": NO_IDS,
        "language": NO_LANGUAGES,
        "url": ["%00", "https://example.org/" + "x" * 2_000],
        "published_after": NO_DAYS,
        "published_before": NO_DAYS,
        "created_after": NO_INSTANTS,
        "created_before": NO_INSTANTS,
    },
    "/speakers/": {"created_after": NO_INSTANTS, "created_before": NO_INSTANTS},
    "/publishers/": {"created_after": NO_INSTANTS, "created_before": NO_INSTANTS},
    "/organizations/": {"created_after": NO_INSTANTS, "created_before": NO_INSTANTS},
    "/queue/": {
        "state": ["open", "Waiting", "%00"],
        "assignee": ["Me", "me,me", *NO_IDS],
        "claim": NO_IDS,
        "due_before": NO_INSTANTS,
    },
    "/contests/": {
        "state": ["closed", "Open", "%00"],
        "reason": ["reason", "%00"],
        "party": ["me", "%00"],
        "claim": NO_IDS,
        "verdict": NO_IDS,
    },
    "/corrections/": {
        "organization": NO_IDS,
        "claim": NO_IDS,
        "contested": ["1", "yes", "True", "null"],
        "corrected_after": NO_INSTANTS,
        "corrected_before": NO_INSTANTS,
    },
    "/notes/": {"mentions": ["Me", *NO_IDS], "created_by": NO_IDS, "claim": NO_IDS},
}


@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in BAD_FILTERS.items() for name in names]
)
def test_a_filter_with_a_bad_value_is_named_with_its_mend(
    world: World, path: str, name: str
) -> None:
    for value in BAD_FILTERS[path][name]:
        document = problem(world.api.get(f"{path}?{name}={value}"), "bad-parameter", 400)
        assert places(document) == {name}, value
        assert document["errors"][0]["detail"]


def test_every_bad_filter_of_a_query_is_told_at_once(world: World) -> None:
    response = world.api.get("/claims/?kind=x&speaker=y&created_after=z")
    assert places(problem(response, "bad-parameter", 400)) == {"kind", "speaker", "created_after"}


def test_every_filter_has_its_bad_values_here() -> None:
    from claims.api.filtering import ArticleFilters, ClaimFilters, SourceFilters

    assert BAD_FILTERS["/claims/"].keys() == ClaimFilters.base_filters.keys()
    assert BAD_FILTERS["/articles/"].keys() == ArticleFilters.base_filters.keys()
    assert BAD_FILTERS["/speakers/"].keys() == SourceFilters.base_filters.keys()


# Cursors


@pytest.fixture
def next_cursor(world: World) -> str:
    """Of claims/, after the first of its two claims."""
    address = world.api.read("/claims/?page_size=1")["next"]
    assert address
    return str(address.split("cursor=")[1].split("&")[0])


GARBAGE = [
    "x",
    "%00",
    "%FF%FE",
    "::",
    "a:b",
    "." * 10,
    "ع",
    "x" * 7_000,
    base64.urlsafe_b64encode(b'["not a date","not an id",false]').decode(),
    base64.urlsafe_b64encode(b"p=\0").decode(),
    "WyIyMDIwLTAzLTE0IiwgMSwgMF0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
]


@each_list
def test_a_cursor_that_is_garbage_is_refused(
    world: World, path: str, subtests: pytest.Subtests
) -> None:
    for cursor in GARBAGE:
        with subtests.test(cursor=ascii(cursor)[:40]):
            response = world.api.get(f"{filled(path, world.ids)}?cursor={cursor}")
            assert places(problem(response, "bad-cursor", 400)) == {"cursor"}


def test_a_cursor_is_refused_with_any_character_changed(world: World, next_cursor: str) -> None:
    assert world.api.get(f"/claims/?page_size=1&cursor={next_cursor}").status_code == 200
    for place in range(len(next_cursor)):
        if next_cursor[place] == "%":
            continue
        other = "A" if next_cursor[place] != "A" else "B"
        tampered = next_cursor[:place] + other + next_cursor[place + 1 :]
        problem(world.api.get(f"/claims/?page_size=1&cursor={tampered}"), "bad-cursor", 400)
    for tampered in (next_cursor[:-1], next_cursor + "A", next_cursor[1:]):
        problem(world.api.get(f"/claims/?page_size=1&cursor={tampered}"), "bad-cursor", 400)


@pytest.mark.parametrize(
    "other",
    [
        "/articles/?",
        "/claims/?kind=fact&",
        "/claims/?ordering=created_at&",
        "/claims/?ordering=-changed_at&",
        "/claims/?created_after=2020-01-01&",
    ],
)
def test_a_cursor_of_another_list_filter_or_ordering_is_refused(
    world: World, next_cursor: str, other: str
) -> None:
    problem(world.api.get(f"{other}cursor={next_cursor}"), "bad-cursor", 400)


def test_a_cursor_holds_for_another_page_size(world: World, next_cursor: str) -> None:
    assert world.api.get(f"/claims/?page_size=7&cursor={next_cursor}").status_code == 200


# Headers

EDITS = [name for name, write in WRITES.items() if write.method == "PATCH"]
edits = pytest.mark.parametrize("name", EDITS)
edits_and_verdicts = pytest.mark.parametrize("name", [*EDITS, "verify", "dispute", "verdict"])


NO_TAGS = [
    "",
    " ",
    "*",
    " * ",
    "x",
    '"',
    '"x',
    'x"',
    '"x" "y"',
    '"x",',
    ',"x"',
    'w/"x"',
    "'x'",
    '"ع"',
    '"é"',
    '"a"b"',
    '"x"' * 1_000,
    '"' + "x" * 3_000 + '"',
]


@edits_and_verdicts
def test_an_if_match_that_is_no_entity_tag_is_refused(
    world: World, name: str, subtests: pytest.Subtests
) -> None:
    for tag in NO_TAGS:
        with subtests.test(tag=ascii(tag)[:40]):
            sent = tag.encode().decode("latin-1")
            response = world.send(WRITES[name], world.body(WRITES[name]), if_match=sent)
            assert places(problem(response, "bad-header", 400)) == {"If-Match"}


@edits_and_verdicts
@pytest.mark.parametrize("tag", ['"x"', '"x", "y"', '""', '"*"'])
def test_an_if_match_of_another_version_is_refused(world: World, name: str, tag: str) -> None:
    response = world.send(WRITES[name], world.body(WRITES[name]), if_match=tag)
    assert places(problem(response, "precondition-failed", 412)) == {"If-Match"}


@edits
def test_a_weak_entity_tag_names_no_version_to_write_on(world: World, name: str) -> None:
    path = filled(WRITES[name].path, world.ids)
    weak = "W/" + world.api.etag(path)
    response = world.send(WRITES[name], world.body(WRITES[name]), if_match=weak)
    problem(response, "precondition-failed", 412)


@edits
def test_an_edit_without_if_match_is_refused(world: World, name: str) -> None:
    path = filled(WRITES[name].path, world.ids)
    response = world.api.patch(path, world.body(WRITES[name]))
    assert places(problem(response, "precondition-required", 428)) == {"If-Match"}


posts = pytest.mark.parametrize(
    "name", [name for name, write in WRITES.items() if write.method == "POST"]
)


ODD_KEYS = ["", "x" * 256, "é", "a\tb", "a\x7fb", "a\x01b"]


@posts
def test_an_odd_idempotency_key_is_refused(
    world: World, name: str, subtests: pytest.Subtests
) -> None:
    for key in ODD_KEYS:
        with subtests.test(key=ascii(key)[:40]):
            response = world.send(WRITES[name], world.body(WRITES[name]), idempotency_key=key)
            assert places(problem(response, "bad-header", 400)) == {"Idempotency-Key"}


BAD_AUTHORIZATIONS = [
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer isnad_",
    "Bearer isnad_x y",
    "Bearer \xff\xfe",
    "Bearer \x01",
    "Bearer " + "x" * 10_000,
    "Basic dXNlcjpwYXNz",
    "Token x",
    "isnad_x",
    "\xe9",
    "Bearer isnad_x, Bearer isnad_y",
    'Digest username="x"',
]


@pytest.mark.parametrize("path", ["/claims/", "/api-keys/", "/"])
def test_a_bad_authorization_is_refused_even_where_none_is_needed(
    world: World, path: str, subtests: pytest.Subtests
) -> None:
    for authorization in BAD_AUTHORIZATIONS:
        with subtests.test(authorization=ascii(authorization)[:40]):
            response = Api().get(path, authorization=authorization)
            problem(response, "not-authenticated", 401)
            assert response["WWW-Authenticate"].startswith("Bearer ")


# Anyone contests a verdict.
@pytest.mark.parametrize("name", [it for it in WRITES if it != "contest"])
def test_a_write_without_a_key_is_refused_and_says_how_to_send_one(world: World, name: str) -> None:
    write = WRITES[name]
    response = Api().send(write.method, filled(write.path, world.ids), world.body(write))
    problem(response, "not-authenticated", 401)
    assert response["WWW-Authenticate"] == 'Bearer realm="Isnad"'


OTHER_MEDIA_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "json",
    "application/xml",
    "application/json-patch+json",
    "application/",
    "/",
    ";",
    "x" * 300,
    "\xff",
    "text/html; charset=utf-8",
    "application/*",
]


@each_write
def test_a_body_of_another_media_type_is_refused(
    world: World, name: str, subtests: pytest.Subtests
) -> None:
    for content_type in OTHER_MEDIA_TYPES:
        with subtests.test(content_type=ascii(content_type)[:40]):
            response = world.send(WRITES[name], world.body(WRITES[name]), content_type=content_type)
            problem(response, "unsupported-media-type", 415)


@each_write
def test_a_body_that_is_encoded_is_refused(
    world: World, name: str, subtests: pytest.Subtests
) -> None:
    write = WRITES[name]
    for coding in ("gzip", "identity, gzip", "x"):
        with subtests.test(coding=coding):
            response = world.send(write, world.body(write), content_encoding=coding)
            document = problem(response, "unsupported-media-type", 415)
            assert "Content-Encoding" in document["detail"]


@pytest.mark.parametrize("path", ["/api/session/login/", "/api/session/logout/"])
def test_a_forged_form_is_refused_with_a_problem_document(world: World, path: str) -> None:
    response = Client(enforce_csrf_checks=True).post(path, {"username": "x"})
    assert problem(response, "forbidden", 403)["rule"] == "forged"


NOT_SERVED = ["text/plain", "image/png", "application/xml", "text/csv;q=1"]


@each_list
def test_a_media_type_that_nobody_serves_is_refused(
    world: World, path: str, subtests: pytest.Subtests
) -> None:
    for accept in NOT_SERVED:
        with subtests.test(accept=ascii(accept)[:40]):
            response = world.api.get(filled(path, world.ids), accept=accept)
            problem(response, "not-acceptable", 406)


@pytest.mark.parametrize(
    "accept", ["", ";", "/", "x", "*", ",,,", "application/json;q=x", "\xff", "a/b;" * 500, "ع"]
)
def test_an_odd_accept_is_never_a_fault_of_ours(world: World, accept: str) -> None:
    response = world.api.get("/claims/", accept=accept.encode().decode("latin-1"))
    assert response.status_code in {200, 406}


@pytest.mark.parametrize(
    "host", ["evil.example", "", "a b", "127.0.0.1:99999x", "\xff", "[::", "127.0.0.1, evil"]
)
def test_a_host_that_is_not_ours_is_refused(world: World, host: str) -> None:
    problem(world.api.get("/claims/", host=host), "bad-request", 400)


@pytest.mark.parametrize(
    ("length", "slug", "status"),
    [
        ("-1", "not-json", 400),
        ("", "not-json", 400),
        ("x", "bad-header", 400),
        ("1e9", "bad-header", 400),
        ("99999999999999999999", "too-large", 413),
    ],
)
def test_a_content_length_that_lies_is_refused(
    world: World, length: str, slug: str, status: int
) -> None:
    response = world.api.client.post(
        "/api/v1/publishers/",
        data=b"{",
        content_type="application/json",
        headers=world.api.headers,
        CONTENT_LENGTH=length,
    )
    problem(response, slug, status)


def test_a_content_length_that_is_too_short_cuts_the_body(world: World) -> None:
    response = world.api.client.post(
        "/api/v1/publishers/",
        data=b'{"name": "x"}',
        content_type="application/json",
        headers=world.api.headers,
        CONTENT_LENGTH="5",
    )
    problem(response, "not-json", 400)


@pytest.mark.parametrize("tag", ["x", '"', "*,", '"' * 3_000, "ع", '"ع"'])
def test_an_odd_if_none_match_finds_no_match(world: World, tag: str) -> None:
    response = world.api.get(
        filled("/claims/{fact}/", world.ids), if_none_match=tag.encode().decode("latin-1")
    )
    assert response.status_code == 200


# Paths and methods


NO_PATH_IDS = [
    "x",
    "1",
    "-1",
    "None",
    "0" * 32,
    "{}",
    "%00",
    "%ff",
    "%20",
    "a%2fb",
    "..",
    "%2e%2e",
    "*",
    "00000000-0000-0000-0000-00000000000g",
    "a" * 3_000,
    "%0d%0aX:%20y",
    "١",
]


@pytest.mark.parametrize("path", [*DETAILS, *LISTS.values()])
def test_an_id_in_a_path_that_is_none_is_not_found(
    world: World, path: str, subtests: pytest.Subtests
) -> None:
    for no_id in NO_PATH_IDS:
        with subtests.test(no_id=ascii(no_id)[:40]):
            for name in world.ids:
                if f"{{{name}}}" in path:
                    response = world.api.get(filled(path, {**world.ids, name: no_id}))
                    problem(response, "not-found", 404)


@pytest.mark.parametrize("path", [*DETAILS, *LISTS.values()])
def test_an_id_of_nothing_in_a_path_is_not_found(world: World, path: str) -> None:
    for name in world.ids:
        if f"{{{name}}}" in path:
            response = world.api.get(filled(path, {**world.ids, name: str(uuid.uuid4())}))
            problem(response, "not-found", 404)


@each_write
def test_a_write_to_nothing_is_not_found(world: World, name: str) -> None:
    write = WRITES[name]
    for row in world.ids:
        if f"{{{row}}}" in write.path:
            path = filled(write.path, {**world.ids, row: str(uuid.uuid4())})
            response = world.api.send(write.method, path, world.body(write), if_match='"x"')
            problem(response, "not-found", 404)


def test_what_belongs_to_another_row_is_not_found_below_this_one(world: World) -> None:
    with transaction.atomic():
        other = make.article().pk
        response = world.api.get(f"/articles/{other}/snapshots/{world.ids['snapshot']}/")
        transaction.set_rollback(True)
    problem(response, "not-found", 404)


NO_PATHS = [
    "/api/v1/nothing/",
    "/api/v1/claims//",
    "/api/v2/claims/",
    "/api/",
    "/api/v1/claims/x/y/",
    "/nothing",
    "/%00",
    "/%ff",
    "/%5cevil.example/",
    "/api/v1/%2e%2e/",
    "/.env",
    "/api/v1/claims.json",
]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "OPTIONS", "FOO"])
def test_an_unknown_path_is_a_problem_document(
    world: World, method: str, subtests: pytest.Subtests
) -> None:
    for path in NO_PATHS:
        with subtests.test(path=ascii(path)[:40]):
            response = world.api.client.generic(method, path, headers=world.api.headers)
            problem(response, "not-found", 404)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/claims", "/api/v1/claims/"),
        ("/api/v1/claims?page_size=1&x=%41", "/api/v1/claims/?page_size=1&x=%41"),
        ("/api/v1", "/api/v1/"),
        ("/api/v1/claims/x/verify", "/api/v1/claims/x/verify/"),
        ("/api/v1/claims/a%3Fb%23c%25", "/api/v1/claims/a%3Fb%23c%25/"),
        ("/api/v1/claims/a%0D%0AX:%20y", "/api/v1/claims/a%0D%0AX:%20y/"),
        ("/api/v1/claims/%D8%B9", "/api/v1/claims/%D8%B9/"),
    ],
)
def test_a_forgotten_slash_is_answered_with_the_right_address_for_any_method(
    world: World, method: str, path: str, target: str
) -> None:
    response = world.api.client.generic(method, path)
    assert response.status_code == 308  # which keeps method and body
    assert response["Location"] == target


@pytest.mark.parametrize(
    "path", ["//evil.example/api/v1/claims", "/\\evil.example/api/v1/claims", "//api/v1/claims"]
)
def test_a_forgotten_slash_never_leads_to_another_host(world: World, path: str) -> None:
    request = RequestFactory().get("/")
    request.path = request.path_info = path
    response = problems.not_found(request, Exception())
    assert "Location" not in response or response["Location"].startswith("/api/")


NO_METHODS = ["PUT", "DELETE", "TRACE", "FOO", "SEARCH"]


@pytest.mark.parametrize("path", [*LISTS.values(), *DETAILS, "/", "/claims/{fact}/verify/"])
def test_an_unknown_method_is_refused_with_those_there_are(
    world: World, path: str, subtests: pytest.Subtests
) -> None:
    for method in NO_METHODS:
        with subtests.test(method=ascii(method)[:40]):
            response = world.api.send(method, filled(path, world.ids))
            problem(response, "method-not-allowed", 405)
            assert {"OPTIONS"} < set(response["Allow"].split(", ")) <= {
                "GET", "POST", "PATCH", "HEAD", "OPTIONS"
            }  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/livez",
        "/readyz",
        "/problems/",
        "/problems/invalid",
        "/api/schema/",
        "/api/schema/dossier.json",
        "/api/docs/",
    ],
)
def test_what_can_only_be_read_refuses_all_else(world: World, method: str, path: str) -> None:
    response = Client(enforce_csrf_checks=True).generic(method, path)
    problem(response, "method-not-allowed", 405)
    assert response["Allow"].startswith("GET, HEAD")


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
@pytest.mark.parametrize("parameter", ["lang=ar", "version=1", "format=json", "x=1", "script=1"])
def test_the_description_and_its_page_take_no_parameters(
    world: World, path: str, parameter: str
) -> None:
    name = parameter.partition("=")[0]
    document = problem(Client().get(f"{path}?{parameter}"), "bad-parameter", 400)
    assert places(document) == {name}


@pytest.mark.parametrize("path", [*LISTS.values(), *DETAILS, "/", "/imports/dossier/"])
def test_options_tells_the_methods_and_no_more(world: World, path: str) -> None:
    for api in (world.api, Api()):
        response = api.send("OPTIONS", filled(path, world.ids))
        assert response.status_code == 204
        assert response.content == b""
        assert "OPTIONS" in response["Allow"]


@pytest.mark.parametrize("path", [*LISTS.values(), *DETAILS, "/", "/claims/{fact}/verify/"])
def test_a_browser_gets_a_page_of_every_resource_and_of_every_refusal(
    world: World, path: str
) -> None:
    for api, suffix in ((world.api, ""), (Api(), ""), (world.api, "?x=1")):
        response = api.get(filled(path, world.ids) + suffix, accept="text/html")
        assert response.status_code in {200, 400, 401, 405}
        assert response["Content-Type"].startswith("text/html")


def test_fields_of_a_problem_are_where_the_documents_say(world: World) -> None:
    response: Any = world.send(WRITES["publisher"], {})
    assert problem(response, "invalid", 400).keys() == {
        "type", "title", "status", "detail", "errors"
    }  # fmt: skip
