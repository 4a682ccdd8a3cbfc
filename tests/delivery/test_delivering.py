"""Webhooks as their owners meet them: over the API, with a receiver on this machine."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from claims.actions.desks import add_member
from claims.actions.webhooks import seal_anew
from claims.delivery.queue import PARKED_BEFORE_PAUSE
from claims.delivery.schedule import PAUSES, TRIES
from claims.models import Attempt, Change, Delivery, Webhook
from claims.vocabulary import Outcome, Role
from tests import make
from tests.api.test_rights import tables_that_hold
from tests.conftest import Api, places, problem
from tests.delivery.conftest import Clock, verdicts_on
from tests.log import numbered
from tests.sink import Received, Sink

Subscribe = Callable[..., dict[str, Any]]
Deliver = Callable[[], int]


def deliveries(editor: Api, webhook: dict[str, Any], **filters: str) -> list[dict[str, Any]]:
    query = "".join(f"&{name}={value}" for name, value in filters.items())
    path = f"/webhooks/{webhook['id']}/deliveries/?page_size=200&ordering=created_at{query}"
    return list(editor.read(path)["results"])


# What is sent


def test_what_happens_is_told_with_the_document_of_the_feed(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, desk: make.Desk, anyone: Api
) -> None:
    subscribed(receiver)
    claim = make.fact()
    make.verdict(claim, desk.checker)
    assert deliver() == 2
    assert [it.json["type"] for it in receiver.received] == ["claim.created", "verdict.issued"]
    for it in receiver.received:
        [told] = anyone.read(f"/changes/?after={it.number - 1}&page_size=1")["results"]
        assert it.json["data"] == told
        assert it.json["timestamp"].startswith(told["recorded_at"][:23])
        assert it.headers["content-type"] == "application/json"


def test_an_operator_delivers_what_is_due_with_one_command(
    subscribed: Subscribe, receiver: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    subscribed(receiver)
    make.fact()
    numbered()
    call_command("deliver", "--once")
    assert capsys.readouterr().out == "1 attempts\n"
    assert len(receiver.received) == 1


def test_nothing_is_told_twice_once_it_is_delivered(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink
) -> None:
    subscribed(receiver)
    make.fact()
    assert [deliver(), deliver(), deliver()] == [1, 0, 0]


def test_a_webhook_is_told_only_what_comes_after_it(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink
) -> None:
    make.fact()
    subscribed(receiver)
    assert deliver() == 0


def test_without_types_everything_is_told_but_what_is_internal_to_others(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, desk: make.Desk
) -> None:
    subscribed(receiver, types=[])
    other = make.desk()
    make.key(other.admin)
    make.key(desk.admin)
    claim = make.fact()
    make.verdict(claim, other.checker)
    deliver()
    told = [(it.json["type"], it.json["data"]["organization"]) for it in receiver.received]
    assert {kind for kind, _ in told} == {
        "webhook.created", "organization.created", "api_key.created", "claim.created",
        "verdict.issued",
    }  # fmt: skip
    own = str(desk.organization.pk)
    for kind, organization in told:
        if kind in {"webhook.created", "api_key.created"}:
            assert organization["id"] == own


def test_what_admins_alone_may_read_is_told_without_its_document(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, desk: make.Desk
) -> None:
    subscribed(receiver, types=["invitation.created", "api_key.created", "member.added"])
    make.invitation(desk.admin, name="Findable Guest", email="findable@example.org")
    make.key(desk.admin)
    make.invitation(make.desk().admin)
    member = add_member(
        organization=desk.organization, name="Somebody", role=Role.READER, by=desk.admin
    )
    assert deliver() == 3
    told = {it.json["type"]: it.json["data"] for it in receiver.received}
    assert told["invitation.created"]["document"] is None
    assert told["invitation.created"]["recorded_by"]["name"] == desk.admin.name
    assert told["api_key.created"]["document"] is None
    assert told["member.added"]["document"]["id"] == str(member.pk)
    assert not any(b"indable" in it.body for it in receiver.received)


def matching(desk: make.Desk) -> dict[str, Any]:
    arabic = make.fact(language="ar-IQ")
    english = make.fact(language="en")
    make.verdict(english, desk.checker, Outcome.VERIFIED)
    return {"arabic": arabic, "english": english}


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({}, ["claim.created ar-IQ", "claim.created en", "verdict.issued en"]),
        ({"language": "ar"}, ["claim.created ar-IQ"]),
        ({"status": "verified"}, ["verdict.issued en"]),
        ({"organization": "own"}, ["verdict.issued en"]),
        ({"organization": "other"}, []),
        ({"language": "en", "status": "unverified"}, ["claim.created en"]),
    ],
)
def test_filters_are_those_of_the_feed(
    subscribed: Subscribe,
    deliver: Deliver,
    receiver: Sink,
    desk: make.Desk,
    filters: dict[str, str],
    told: list[str],
) -> None:
    ids = {"own": str(desk.organization.pk), "other": str(make.desk().organization.pk)}
    subscribed(receiver, filters={name: ids.get(it, it) for name, it in filters.items()})
    matching(desk)
    deliver()
    found = sorted(f"{it.json['type']} {it.json['data']['language']}" for it in receiver.received)
    assert found == told


def test_one_claim_can_be_followed(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, desk: make.Desk
) -> None:
    claim, other = make.fact(), make.fact()
    webhook = subscribed(receiver, filters={"claim": str(claim.pk)})
    assert webhook["filters"] == {
        "claim": str(claim.pk), "status": None, "language": None, "organization": None,
    }  # fmt: skip
    make.verdict(other, desk.checker)
    make.verdict(claim, desk.checker)
    deliver()
    assert [it.json["data"]["claim"] for it in receiver.received] == [str(claim.pk)]


def test_what_is_large_is_told_thin_with_the_address_of_the_whole(
    subscribed: Subscribe,
    deliver: Deliver,
    receiver: Sink,
    desk: make.Desk,
    anyone: Api,
    settings: Any,
) -> None:
    settings.PUBLIC_URL = "https://isnad.example.org/"
    subscribed(receiver)
    claim = make.fact()
    verdict = make.verdict(claim, desk.checker, rationale="Because. " * 2_400)
    deliver()
    small, large = receiver.received
    assert "document" in small.json["data"]
    assert len(large.body) < 1_000
    data = large.json["data"]
    assert data.keys() == {"number", "id", "type", "subject", "claim", "url"}
    assert data["subject"] == str(verdict.pk)
    assert data["url"].startswith("https://isnad.example.org/api/v1/changes/?after=")
    [whole] = anyone.read(data["url"].removeprefix("https://isnad.example.org/api/v1"))["results"]
    assert {name: whole[name] for name in ("number", "id", "type", "subject", "claim")} == {
        name: it for name, it in data.items() if name != "url"
    }


# Signatures


def verify(secret: str, it: Received) -> Any:
    return Verifier(secret).verify(it.body, it.headers)


def test_the_library_of_standard_webhooks_verifies_what_is_sent(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink
) -> None:
    webhook = subscribed(receiver)
    make.fact()
    deliver()
    [it] = receiver.received
    assert verify(webhook["secret"], it) == it.json
    assert it.id == f"{webhook['id']}.{it.json['data']['number']}"
    changed = Received(it.path, it.headers, it.body.replace(b"claim.created", b"claim.edited!"))
    old = {**it.headers, "webhook-timestamp": str(int(it.headers["webhook-timestamp"]) - 301)}
    other = {**it.headers, "webhook-id": f"{webhook['id']}.1"}
    for wrong in (changed, Received(it.path, old, it.body), Received(it.path, other, it.body)):
        with pytest.raises(WebhookVerificationError):
            verify(webhook["secret"], wrong)


def test_a_rotated_secret_signs_with_the_old_one_until_that_ends(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api, clock: Clock
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    rotated = editor.post(f"{path}rotate-secret/", {"previous_valid_for": 120}).json()
    assert rotated["secret"] != webhook["secret"]
    assert rotated["previous_secret_ends_at"] is not None
    assert "secret" not in editor.read(path)
    make.fact()
    deliver()
    for secret in (webhook["secret"], rotated["secret"]):
        verify(secret, receiver.received[0])
    clock.go_on(seconds=121)
    make.fact()
    deliver()
    verify(rotated["secret"], receiver.received[1])
    with pytest.raises(WebhookVerificationError):
        verify(webhook["secret"], receiver.received[1])


def test_after_a_second_rotation_the_first_secret_is_forgotten(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api
) -> None:
    first = subscribed(receiver)
    path = f"/webhooks/{first['id']}/rotate-secret/"
    second, third = (editor.post(path, {}).json() for _ in range(2))
    make.fact()
    deliver()
    for secret in (second["secret"], third["secret"]):
        verify(secret, receiver.received[0])
    with pytest.raises(WebhookVerificationError):
        verify(first["secret"], receiver.received[0])


def test_a_new_secret_key_opens_what_the_old_one_sealed_while_it_is_a_fallback(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, settings: Any
) -> None:
    webhook = subscribed(receiver)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    make.fact()
    deliver()
    verify(webhook["secret"], receiver.received[0])
    seal_anew()
    settings.SECRET_KEY_FALLBACKS = []
    make.fact()
    deliver()
    verify(webhook["secret"], receiver.received[1])


def test_without_the_secret_key_the_owner_is_asked_to_rotate(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api, settings: Any
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    kept, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    make.fact()
    seal_anew()
    assert deliver() == 0
    settings.SECRET_KEY = kept  # API keys and sessions do not need it, but it is another test's
    assert editor.read(path)["pause_reason"] == "secret_lost"
    rotated = editor.post(f"{path}rotate-secret/", {}).json()
    assert rotated["pause_reason"] is None
    assert deliver() == 1
    verify(rotated["secret"], receiver.received[0])


# Failures


@pytest.mark.parametrize(
    ("status", "headers"),
    [(500, {}), (404, {}), (429, {}), (302, {"Location": "/elsewhere"}), (304, {})],
)
def test_what_is_not_2xx_is_tried_again_and_redirects_are_not_followed(
    subscribed: Subscribe,
    deliver: Deliver,
    receiver: Sink,
    editor: Api,
    clock: Clock,
    status: int,
    headers: dict[str, str],
) -> None:
    webhook = subscribed(receiver)
    make.fact()
    receiver.answer(status, b"not now", **headers)
    assert deliver() == 1
    [it] = deliveries(editor, webhook, state="pending")
    [attempt] = it["attempts"]
    assert attempt["status"] == status
    assert attempt["answer_head"] == ("" if status == 304 else "not now")
    assert attempt["error"] is None
    assert attempt["duration_ms"] < 1_000
    assert deliver() == 0
    clock.go_on(seconds=6)
    receiver.answer(204)
    assert deliver() == 1
    [it] = deliveries(editor, webhook, state="delivered")
    assert [(a["ordinal"], a["status"]) for a in it["attempts"]] == [(1, status), (2, 204)]
    assert {it.path for it in receiver.received} == {"/hook"}
    assert len({it.id for it in receiver.received}) == 1


def test_an_answer_is_kept_to_its_first_4096_bytes(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api
) -> None:
    webhook = subscribed(receiver)
    make.fact()
    receiver.answer(200, b"\0\xff" + b"x" * 100_000)
    deliver()
    [it] = deliveries(editor, webhook)
    assert it["attempts"][0]["answer_head"] == "\ufffd\ufffd" + "x" * 4094


def test_nobody_there_is_told_as_an_error(
    subscribed: Subscribe, deliver: Deliver, editor: Api
) -> None:
    webhook = subscribed("http://127.0.0.1:1/")
    make.fact()
    deliver()
    [it] = deliveries(editor, webhook)
    assert it["attempts"][0]["status"] is None
    assert it["attempts"][0]["error"] == "no_connection"


def test_ten_tries_over_three_days_and_then_it_is_parked(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api, clock: Clock
) -> None:
    webhook = subscribed(receiver)
    make.fact()
    receiver.answer(500)
    assert deliver() == 1
    for pause in PAUSES:
        clock.go_on(seconds=pause.total_seconds() - 1)
        assert deliver() == 0
        clock.go_on(seconds=1)
        assert deliver() == 1
    [it] = deliveries(editor, webhook)
    assert (it["state"], it["next_attempt_at"], len(it["attempts"])) == ("parked", None, TRIES)
    assert sum(PAUSES, timedelta()) > timedelta(days=3)
    clock.go_on(days=10)
    assert deliver() == 0


def test_a_failing_delivery_holds_back_the_later_ones_of_its_claim_and_webhook_alone(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, desk: make.Desk, clock: Clock
) -> None:
    one, other = make.fact(), make.fact()
    failing = subscribed(receiver)
    sound = subscribed(receiver)
    receiver.answers = lambda it: (
        500 if it.id.startswith(failing["id"]) and it.json["data"]["claim"] == str(one.pk) else 200,
        {},
        b"",
    )
    verdicts_on(one, desk.checker, 3)
    verdicts_on(other, desk.checker, 3)
    make.publisher()
    deliver()

    def told(webhook: dict[str, Any], claim: Any) -> list[int]:
        return [
            it.number
            for it in receiver.received
            if it.id.startswith(webhook["id"]) and it.json["data"]["claim"] == str(claim.pk)
        ]

    assert len(told(failing, one)) == 1
    for complete in (told(failing, other), told(sound, one), told(sound, other)):
        assert len(complete) == 3
        assert complete == sorted(complete)
    # Once the first one is parked, the next has its turn; once all goes well, in order.
    for pause in PAUSES:
        clock.go_on(seconds=pause.total_seconds())
        deliver()
    assert sorted(set(told(failing, one))) == told(sound, one)[:2]
    receiver.answer(200)
    clock.go_on(seconds=10)
    deliver()
    assert told(failing, one)[-2:] == told(sound, one)[1:]


def test_who_answers_410_is_not_called_any_more(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api, clock: Clock
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    make.fact()
    receiver.answer(410)
    deliver()
    told = editor.read(path)
    assert told["pause_reason"] == "gone"
    assert told["paused_at"] is not None
    clock.go_on(days=4)
    make.fact()
    assert deliver() == 0


def test_a_target_that_keeps_failing_is_paused_and_goes_on_where_it_was_when_resumed(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api, clock: Clock
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    receiver.answer(503)
    for _ in range(PARKED_BEFORE_PAUSE + 1):
        make.fact()
        deliver()
        clock.go_on(seconds=1)
    assert editor.read(path)["paused_at"] is None
    for pause in PAUSES:
        clock.go_on(seconds=pause.total_seconds() + 1)
        deliver()
    told = editor.read(path)
    assert told["pause_reason"] == "failing"
    changes = Change.objects.filter(subject_id=webhook["id"], type="webhook.edited")
    assert [change.recorded_by for change in changes] == [None]
    make.fact()  # waits in the log meanwhile
    assert deliver() == 0

    receiver.answer(200)
    receiver.received.clear()
    resumed = editor.patch(path, {"paused": False}, if_match=editor.etag(path)).json()
    assert (resumed["paused_at"], resumed["pause_reason"]) == (None, None)
    deliver()
    states = [it["state"] for it in deliveries(editor, webhook)]
    assert states.count("delivered") == len(receiver.received) >= 1
    assert "pending" not in states
    make.fact()
    assert deliver() == 1


# What owners do


def test_an_owner_pauses_and_resumes_without_missing_anything(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    told = editor.patch(path, {"paused": True}, if_match=editor.etag(path)).json()
    assert told["pause_reason"] == "owner"
    make.fact()
    assert deliver() == 0
    editor.patch(path, {"paused": False}, if_match=editor.etag(path))
    assert deliver() == 1


def test_an_edit_says_which_version_it_has_read(
    subscribed: Subscribe, receiver: Sink, editor: Api
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    tag = editor.etag(path)
    problem(editor.patch(path, {"paused": True}), "precondition-required", 428)
    body = {"types": [], "filters": {"language": "ar"}}
    edited = editor.patch(path, body, if_match=tag).json()
    assert edited["types"] == []
    assert edited["filters"]["language"] == "ar"
    problem(editor.patch(path, {"paused": True}, if_match=tag), "precondition-failed", 412)


def test_what_has_ended_stays_so(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    make.fact()
    numbered()
    assert editor.patch(path, {"ended": True}, if_match=editor.etag(path)).json()["ended_at"]
    assert deliver() == 0
    again = editor.patch(path, {"ended": False}, if_match=editor.etag(path))
    assert places(problem(again, "invalid", 400)) == {"#/ended"}
    problem(editor.patch(path, {"paused": True}, if_match=editor.etag(path)), "conflict", 409)
    problem(editor.post(f"{path}test/"), "conflict", 409)
    problem(editor.post(f"{path}replay/", {"after": 0}), "conflict", 409)
    problem(editor.post(f"{path}rotate-secret/", {}), "conflict", 409)


def test_a_replay_delivers_again_from_a_number_on(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    for _ in range(3):
        make.fact()
    deliver()
    numbers = sorted(receiver.numbers)
    receiver.received.clear()
    assert editor.post(f"{path}replay/", {"after": numbers[0]}).status_code == 200
    assert deliver() == 2
    assert sorted(receiver.numbers) == numbers[1:]
    assert [len(it["attempts"]) for it in deliveries(editor, webhook)] == [1, 2, 2]
    # Also what was there before the webhook was, and what was parked.
    Delivery.objects.filter(number=numbers[0]).update(state="parked")
    receiver.received.clear()
    editor.post(f"{path}replay/", {"after": 0})
    deliver()
    assert sorted(receiver.numbers) == numbers
    beyond = editor.post(f"{path}replay/", {"after": 10_000})
    problem(beyond, "beyond-the-log", 409)


def test_a_replay_is_told_in_the_feed(subscribed: Subscribe, receiver: Sink, editor: Api) -> None:
    webhook = subscribed(receiver)
    editor.post(f"/webhooks/{webhook['id']}/replay/", {"after": 0})
    numbered()
    told = editor.read("/changes/?type=webhook.edited")["results"]
    assert [it["document"]["replayed_after"] for it in told] == [0]


def test_a_ping_is_sent_once_to_a_paused_webhook_too(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api, clock: Clock
) -> None:
    webhook = subscribed(receiver)
    path = f"/webhooks/{webhook['id']}/"
    editor.patch(path, {"paused": True}, if_match=editor.etag(path))
    queued = editor.post(f"{path}test/")
    assert queued.status_code == 201
    assert queued.json()["state"] == "pending"
    at = queued["Location"].removeprefix("/api/v1")
    assert editor.etag(at) == queued["ETag"]
    clock.go_on(minutes=5)  # a ping is due at once by the time of the machine, which goes on too
    receiver.answer(500)
    assert deliver() == 1
    told = editor.read(at)
    assert told["state"] == "parked"
    assert told["attempts"][0]["status"] == 500
    [it] = receiver.received
    assert it.json["type"] == "ping"
    assert it.json["data"] == {"webhook": webhook["id"]}
    verify(webhook["secret"], it)
    receiver.answer(200)
    again = editor.post(f"{path}test/")["Location"].removeprefix("/api/v1")
    deliver()
    assert editor.read(again)["state"] == "delivered"


def test_a_secret_is_told_once_and_stored_nowhere(
    subscribed: Subscribe, deliver: Deliver, receiver: Sink, editor: Api
) -> None:
    body = {"url": receiver.url, "types": []}
    first = editor.post("/webhooks/", body, idempotency_key="once").json()
    assert first["secret"].startswith("whsec_")
    again = editor.post("/webhooks/", body, idempotency_key="once").json()
    assert again == first | {"secret": None}
    path = f"/webhooks/{first['id']}/"
    rotated = editor.post(f"{path}rotate-secret/", {}, idempotency_key="twice").json()
    replayed = editor.post(f"{path}rotate-secret/", {}, idempotency_key="twice").json()
    assert replayed == rotated | {"secret": None}
    deliver()
    for secret in (first["secret"], rotated["secret"]):
        assert tables_that_hold(secret.removeprefix("whsec_")[8:]) == set()
    sealed = Webhook.objects.get(pk=first["id"])
    assert tables_that_hold(bytes(sealed.secret).decode()[20:60]) <= {"claims_webhook"}
    documents = [it.body for it in receiver.received]
    assert documents
    assert all(b'secret"' not in it for it in documents)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://10.1.2.3/",
        "https://user:word@example.org/",
        "ftp://example.org/",
    ],
)
def test_an_address_that_is_never_called_is_refused_when_it_is_given(
    editor: Api, settings: Any, url: str
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    document = problem(editor.post("/webhooks/", {"url": url}), "invalid", 400)
    assert places(document) == {"#/url"}


def test_filters_name_what_is_there(editor: Api, subscribed: Subscribe, receiver: Sink) -> None:
    unknown = {"claim": str(make.publisher().pk)}
    body = {"url": receiver.url, "filters": unknown}
    assert places(problem(editor.post("/webhooks/", body), "invalid", 400)) == {"#/filters/claim"}


def test_an_organization_has_a_hundred_webhooks_at_most(
    editor: Api, subscribed: Subscribe, receiver: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claims.actions.webhooks.MOST_WEBHOOKS", 1)
    first = subscribed(receiver)
    problem(editor.post("/webhooks/", {"url": receiver.url}), "conflict", 409)
    path = f"/webhooks/{first['id']}/"
    editor.patch(path, {"ended": True}, if_match=editor.etag(path))
    subscribed(receiver)


def test_only_its_own_organization_sees_a_webhook(
    editor: Api, subscribed: Subscribe, receiver: Sink
) -> None:
    webhook = subscribed(receiver)
    foreign = Api(make.key(make.desk().admin))
    assert foreign.read("/webhooks/")["results"] == []
    for path in (f"/webhooks/{webhook['id']}/", f"/webhooks/{webhook['id']}/deliveries/"):
        problem(foreign.get(path), "not-found", 404)
    assert [it["id"] for it in editor.read("/webhooks/")["results"]] == [webhook["id"]]


def test_listing_deliveries_costs_the_same_for_one_and_for_many(
    editor: Api, subscribed: Subscribe, deliver: Deliver, receiver: Sink
) -> None:
    webhook = subscribed(receiver)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            deliveries(editor, webhook)
        return len([it for it in found if "claims_ratecount" not in it["sql"]])

    make.fact()
    deliver()
    one = queries()
    for _ in range(5):
        make.fact()
    deliver()
    assert queries() == one
    assert Attempt.objects.count() == 6
