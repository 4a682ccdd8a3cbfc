"""The queue of a desk: what is put there, who has it; and notes for colleagues."""

from datetime import UTC, datetime, timedelta

from tests.week.browser import instant, spelled
from tests.week.ledger import Claim, Item, Member
from tests.week.state import Week


def put_in_queue(week: Week, by: Member, claim: Claim | None = None) -> None:
    claim = claim or week.any_claim()
    due = None
    if week.chance.random() < 0.4:  # some are overdue, some due so late that it is no matter
        due = datetime.now(UTC) + timedelta(days=week.chance.choice((-3, 1, 10, 25, 60)))
    body = {"claim": claim.id} | ({"due_at": spelled(due)} if due else {})
    answer = week.of(by).post("/queue/", body)
    if not by.judges:
        return week.refused(answer, "no-member" if by.left else "role", by)
    there = [it for it in week.reckoned.queue(by.desk) if it.claim is claim]
    assert answer.status == (200 if there else 201), answer.body
    if not there:
        item = Item(
            answer.json["id"],
            claim,
            by.desk,
            instant(answer.json["created_at"]),
            due,
            [by],
        )
        week.reckoned.items[item.id] = item
        return None
    [item] = there
    item.judged = False
    if due is not None and (item.due_at is None or due < item.due_at):
        item.due_at = due
    if by not in item.asked:
        item.asked.append(by)
    return None


def take_next(week: Week, by: Member) -> None:
    answer = week.of(by).post("/queue/next/")
    if not by.judges:
        return week.refused(answer, "no-member" if by.left else "role", by)
    waiting = week.reckoned.waiting(by.desk)
    if not waiting:
        return week.refused(answer, "nothing-waits", by)
    assert answer.status == 200, answer.body
    assert answer.json["id"] == waiting[0].id, "the first of those that nobody has"
    waiting[0].assignee = by
    return None


def handle_some_item(week: Week, by: Member) -> None:
    """Do something with an item of the queue: of one's own desk, seldom of the other."""
    items = list(week.reckoned.items.values())
    if not items:
        return
    own = [it for it in items if it.desk is by.desk and it.is_open]
    item = week.chance.choice(own if own and week.chance.random() < 0.8 else items)
    move_item(week, by, item, week.chance.choice(("take", "release", "assign", "priority")))


def move_item(week: Week, by: Member, item: Item, what: str) -> None:
    rule = rule_of_item(what, by, item)
    path = f"/queue/{item.id}/"
    judges = [it for it in week.people if it.desk is by.desk and it.judges]
    to, priority = week.chance.choice([*judges, None]), week.chance.choice(("low", "high"))
    if what == "priority":
        tag = week.of(by).get(path).headers.get("etag", '"x"')
        answer = week.of(by).send("PATCH", path, {"priority": priority}, if_match=tag)
    else:
        body = {"assignee": to and to.id} if what == "assign" else None
        answer = week.of(by).post(f"{path}{what}/", body)
    if rule is not None:
        return week.refused(answer, rule, by)
    assert answer.status == 200, answer.body
    if what == "priority":
        item.priority = priority
    else:
        item.assignee = {"take": by, "release": None, "assign": to}[what]
    assert answer.json["state"] == item.state
    return None


def rule_of_item(what: str, by: Member, item: Item) -> str | None:
    if by.left:
        return "no-member"
    if not (by.edits if what in ("assign", "priority") else by.judges):
        return "role"
    if item.desk is not by.desk:
        return "not-there"
    if not item.is_open:
        return "out-of-the-queue"
    if what == "take" and item.assignee not in (None, by):
        return "a-colleague-has-it"
    return "not-yours" if what == "release" and item.assignee is not by else None


def write_note(week: Week, by: Member) -> None:
    claim, colleague = week.any_claim(), week.chance.choice(week.people)
    body = {"text": week.says("note", by.desk), "mentions": [colleague.id]}
    answer = week.of(by).post(f"/claims/{claim.id}/notes/", body)
    if not by.judges:
        return week.refused(answer, "no-member" if by.left else "role", by)
    known = colleague.desk is by.desk and not colleague.left
    assert answer.status == (201 if known else 400), answer.body
    return None
