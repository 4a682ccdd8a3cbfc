"""What changes a desk itself: its policy, its scale, that somebody leaves."""

from typing import Any

from tests.week.browser import instant
from tests.week.claims import unjudged
from tests.week.drafts import take_step, write_draft
from tests.week.ledger import Desk, Happened, Item, Member
from tests.week.state import Week
from tests.week.verdicts import judge


def set_policy(week: Week, desk: Desk, policy: str) -> None:
    path, editor = f"/organizations/{desk.id}/", week.somebody(desk, "editor")
    checker = week.somebody(desk, "checker")
    tag = week.of(editor).get(path).headers["etag"]
    for other, rule in ((checker, "role"), (stranger_to(week, desk), "its-own-editors")):
        answer = week.of(other).send("PATCH", path, {"review_policy": policy}, if_match=tag)
        week.refused(answer, rule, other)
    answer = week.of(editor).send("PATCH", path, {"review_policy": policy}, if_match=tag)
    assert answer.status == 200, answer.body
    if policy != desk.policy:
        week.tell(editor, "organization.edited", desk.id)
    desk.policy = policy


def set_scale(week: Week, desk: Desk, scale: tuple[dict[str, Any], ...]) -> None:
    path, editor = f"/organizations/{desk.id}/scale/", week.somebody(desk, "editor")
    tag = week.of(editor).get(path).headers.get("etag")
    headers = {"if_match": tag} if tag else {}
    body = {"ratings": scale}
    checker = week.somebody(desk, "checker")
    for other, rule in ((checker, "role"), (stranger_to(week, desk), "its-own-editors")):
        week.refused(week.of(other).send("PUT", path, body, **headers), rule, other)
    answer = week.of(editor).send("PUT", path, body, **headers)
    assert answer.status == (200 if tag else 201), answer.body
    assert [it["labels"] for it in answer.json["ratings"]] == [it["labels"] for it in scale]
    week.tell(editor, "organization.scale_changed", answer.json["id"])
    desk.scale = scale


def stranger_to(week: Week, desk: Desk) -> Member:
    return week.somebody(week.other(desk), "admin")


def remove_somebody(week: Week, desk: Desk) -> Member:
    """A checker who has a draft that waits, an item of the queue, a verdict, and a key."""
    admin, leaver = week.somebody(desk, "admin"), week.somebody(desk, "checker")
    drafts = []
    for _number in range(2):
        claim = unjudged(week)
        week.of(leaver).made("/queue/", {"claim": claim.id}, status=201)
        [told] = week.of(leaver).every(f"/queue/?claim={claim.id}")
        item = Item(told["id"], claim, desk, instant(told["created_at"]), None, [leaver])
        week.reckoned.items[item.id] = item
        week.of(leaver).made(f"/queue/{item.id}/take/", status=200)
        item.assignee = leaver
        drafts.append(write_draft(week, leaver, claim, "disputed"))
    path = f"/organizations/{desk.id}/members/{leaver.id}/"
    keys = [it for it in week.of(leaver).every("/api-keys/") if it["revoked_at"] is None]
    tag = week.of(admin).get(path).headers["etag"]
    answer = week.of(admin).send("PATCH", path, {"ended": True}, if_match=tag)
    assert answer.status == 200, answer.body
    leaver.left = True
    for item in week.reckoned.items.values():
        if item.is_open and item.assignee is leaver:
            item.assignee = None
    week.reckoned.tell(
        *(
            Happened("api_key.revoked", it["id"], desk.id, admin.id)
            for it in sorted(keys, key=lambda it: str(it["id"]))
        ),
        Happened("member.edited", leaver.id, desk.id, admin.id),
    )
    week.tags.clear()  # the claims that show who it was have a version of today
    for path in ("/session/", "/drafts/", "/claims/"):
        answer = week.of(leaver).get(path)
        # A session that has ended reads as anybody does.
        assert answer.status == 401 or week.of(leaver).key is None, answer.body
    judge(week, leaver)
    editor = week.somebody(desk, "editor")
    take_step(week, week.somebody(desk, "checker"), drafts[0], "withdraw")  # who may not
    take_step(week, editor, drafts[0], "withdraw")
    take_step(week, editor, drafts[1], "confirm")
    return leaver
