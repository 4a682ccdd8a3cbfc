"""A week of two desks with five people each, played over HTTP, beside a reckoning of it.

Everybody acts at random, by a seed, and often does what may not be done. Whatever is asked, the
reckoning (`tests/ledger.py`) says beforehand whether it is made or by which rule it is refused.

The days of the week are in what is filed (articles appear on them, due dates are around them); the
server's own instants are those of the seconds that all of it takes, as it has one clock.
"""

import http.client
import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from tests.ledger import ALIVE, Claim, Desk, Draft, Happened, Item, Ledger, Member, Verdict
from tests.live import ROOT, Answer, Server
from tests.rules import MOVES_OF_CLAIM, MOVES_OF_DRAFT
from tests.waiting import until

BASE = "/api/v1"
LANGUAGE = "ckb"  # Central Kurdish, in which nothing else is filed: the filter for the week
MONDAY = date(2020, 3, 9)
OUTCOME = {"verify": "verified", "dispute": "disputed", "leave_open": "inconclusive"}
OUTCOME["withdraw"] = "withdrawn"
STATE = {"confirm": "confirmed", "return": "returned", "withdraw": "withdrawn", "edit": "open"}
STEP = {"edit": "edited", "return": "returned", "confirm": "confirmed", "withdraw": "withdrawn"}
PASSWORD = "seven reed boats upstream"
STEPS_A_DAY = 35
# By what a desk rates: its labels in two languages, first without numbers and then with.
UNHEARD_OF = "Neither here nor there"
PLAIN = (
    {"labels": {"en": "So it is", "ckb": "وایە"}, "outcome": "verified"},
    {"labels": {"en": "Not so"}, "outcome": "disputed"},
)
NUMBERED = (
    {"labels": {"en": "So it is"}, "outcome": "verified", "worst": 1, "best": 3, "value": 3},
    {"labels": {"en": "Half so"}, "outcome": "disputed", "worst": 1, "best": 3, "value": 2},
    {"labels": {"en": "Not so"}, "outcome": "disputed", "worst": 1, "best": 3, "value": 1},
)
IDLE = 0.5  # seconds after which a new line is opened, before the server closes the old one


class Browser:
    """Somebody's: it keeps cookies, a line to the server, and what proves that a write is theirs.

    key: for a program, which has neither cookies nor token.
    """

    # Of all of them, so that they can be closed.
    opened: ClassVar[list[http.client.HTTPConnection]] = []

    def __init__(self, server: Server, key: str | None = None) -> None:
        self.server, self.key = server, key
        self.line: http.client.HTTPConnection | None = None
        self.cookies: dict[str, str] = {}
        self.token: str | None = None
        self.used = 0.0

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            sent["authorization"] = f"Bearer {self.key}"
        elif self.cookies:
            sent["cookie"] = "; ".join(f"{name}={it}" for name, it in self.cookies.items())
            if self.token is not None:
                sent["x-csrftoken"] = self.token
        if body is not None:
            sent["content-type"] = "application/json"
        data = None if body is None else json.dumps(body)
        if self.line is None or time.monotonic() - self.used > IDLE:
            self.line = self.server.connection()
            self.opened.append(self.line)
        self.used = time.monotonic()
        self.line.request(method, BASE + path, data, headers=sent)
        response = self.line.getresponse()
        answer = Answer(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie, _semicolon, _rest = value.partition(";")
                self.cookies.__setitem__(*cookie.split("=", 1))
        if answer.status in (200, 201) and b'"csrf_token":' in answer.body:
            self.token = answer.json["csrf_token"]
        assert answer.status < 500, answer.body
        return answer

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def read(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status == 200, (path, answer.body)
        return answer.json

    def made(self, path: str, body: Any = None, status: int = 201, **headers: str) -> Any:
        answer = self.post(path, body, **headers)
        assert answer.status == status, (path, body, answer.body)
        return answer.json

    def every(self, path: str) -> list[Any]:
        """All results of a list, page by page."""
        found, further = [], f"{path}{'&' if '?' in path else '?'}page_size=50"
        while further:
            page = self.read(further)
            found += page["results"]
            further = (page["next"] or "").partition(BASE)[2]
        return found


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def spelled(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def at_once(*asks: Callable[[], Answer]) -> list[Answer]:
    """What is answered to requests that are sent at the same moment, in their order."""
    answers: list[Any] = [None] * len(asks)
    gate = threading.Barrier(len(asks))

    def ask(place: int) -> None:
        gate.wait()
        answers[place] = asks[place]()

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in answers, "a request was not answered"
    return answers


@dataclass
class Week:
    server: Server
    seed: int = 1
    reckoned: Ledger = field(default_factory=Ledger)
    desks: list[Desk] = field(default_factory=list)
    people: list[Member] = field(default_factory=list)
    browsers: dict[str, Browser] = field(default_factory=dict)
    publishers: list[str] = field(default_factory=list)
    day: int = 0
    # The number of the log at the end of each day, and how each claim stood then.
    evenings: dict[int, dict[str, str]] = field(default_factory=dict)
    # An entity tag of each claim, and how many verdicts it had then.
    tags: dict[str, tuple[str, int]] = field(default_factory=dict)
    marks: dict[str, Desk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers = itertools.count()
        self.chance = random.Random(self.seed)
        self.anyone = Browser(self.server)
        self.begins_after = self.head()

    def head(self) -> int:
        found: int = self.anyone.read("/changes/?page_size=1")["head"]
        return found

    # People

    def open_desk(self, name: str, admin: str) -> Desk:
        """By the operator, as nobody else can; everybody else comes in over HTTP."""
        command = [sys.executable, "manage.py", "create_desk", name, "--admin", admin]
        printed = subprocess.run(
            command,
            cwd=ROOT,
            env=self.server.inherited,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        told = dict(line.split(": ") for line in printed.splitlines())
        desk = Desk(told["Organization"], name)
        self.desks.append(desk)
        member = self.comes(Member(told["Admin"], admin, "admin", desk), told["API key"])
        [key] = self.of(member).every("/api-keys/")
        self.reckoned.tell(
            Happened("organization.created", desk.id, desk.id, None),
            Happened("member.added", member.id, desk.id, None),
            Happened("api_key.created", key["id"], desk.id, None),
        )
        return desk

    def comes(self, member: Member, key: str | None = None) -> Member:
        self.people.append(member)
        if member.id not in self.browsers:
            self.browsers[member.id] = Browser(self.server, key)
        return member

    def of(self, member: Member) -> Browser:
        return self.browsers[member.id]

    def invite(self, admin: Member, name: str, role: str) -> Member:
        """Asked in by link, and come in by it with a password."""
        desk, path = admin.desk, f"/organizations/{admin.desk.id}/invitations/"
        asked = self.of(admin).made(path, {"role": role, "name": name})
        browser = Browser(self.server)
        body = {"token": asked["token"], "username": name.lower(), "password": PASSWORD}
        session = browser.made("/invitations/accept/", body)
        member_id = session["member"]["id"]
        self.browsers[member_id] = browser
        member = self.comes(Member(member_id, name, role, desk))
        self.reckoned.tell(Happened("invitation.created", asked["id"], desk.id, admin.id))
        self.reckoned.tell(
            Happened("member.added", member.id, desk.id, admin.id),
            Happened("invitation.accepted", asked["id"], desk.id, member.id),
        )
        again = Browser(self.server).post("/invitations/accept/", body | {"username": "another"})
        assert again.status == 409, "a link is good once"
        return member

    def takes_a_key(self, member: Member) -> None:
        """Who was signed in goes on as a program."""
        body = {"label": "a program", "scopes": ["read", "write"]}
        made = self.of(member).made("/api-keys/", body)
        self.browsers[member.id] = Browser(self.server, made["key"])
        self.reckoned.tell(Happened("api_key.created", made["id"], member.desk.id, member.id))

    def signs_in_again(self, member: Member) -> None:
        browser = self.of(member)
        assert browser.send("DELETE", "/session/").status == 204
        assert browser.get("/drafts/").status == 401
        again = self.browsers[member.id] = Browser(self.server)
        body = {"username": member.name.lower(), "password": PASSWORD}
        assert again.made("/session/", body)["member"]["id"] == member.id

    def prepare(self) -> None:
        """Two desks with five people each."""
        for number, (desk, names) in enumerate(
            (
                ("Desk of the marshes", ("Ali", "Basma", "Chnar", "Dilan", "Evin")),
                ("Desk of the mountains", ("Farah", "Ghanim", "Huda", "Ilham", "Jamal")),
            )
        ):
            admin, *others = names
            self.open_desk(desk, admin)
            [boss] = [it for it in self.people if it.name == admin]
            for name, role in zip(others, ("editor", "checker", "checker", "reader"), strict=True):
                self.invite(boss, name, role)
            self.takes_a_key(self.people[5 * number + 2])
        self.signs_in_again(self.people[3])
        filer = self.people[2]
        for name in ("The paper of the week", "The evening paper"):
            made = self.of(filer).made("/publishers/", {"name": name})
            self.publishers.append(made["id"])
            self.tell(filer, "publisher.created", made["id"])

    def tell(self, by: Member, type: str, subject: str) -> None:
        self.reckoned.tell(Happened(type, subject, by.desk.id, by.id))

    # What is refused

    def refused(self, answer: Answer, rule: str, by: Member) -> None:
        """By this rule, named in the problem document; or as what is not there, or without tag."""
        kinds = {
            "role": (403, "forbidden"),
            "not-there": (404, "not-found"),
            "no-member": (401, "not-authenticated"),
            "unread": (428, "precondition-required"),
            "stale": (412, "precondition-failed"),
            "nothing-waits": (409, "nothing-waits"),
            "one-draft": (409, "duplicate"),
            "label-not-on-scale": (409, "label-not-on-scale"),
        }
        document = answer.json
        told = rule, document, by.name
        if rule in kinds:
            status, slug = kinds[rule]
            assert (answer.status, document["type"]) == (status, f"/problems/{slug}"), told
        assert answer.status in (401, 403, 404, 409, 412, 428), told
        if rule not in kinds or rule in ("role", "one-draft"):
            assert document["rule"] == rule, told
        self.reckoned.refused[rule] += 1

    def says(self, kind: str, desk: Desk) -> str:
        """A text of a desk's own, marked so that it is found wherever somebody is told it."""
        mark = f"⟦{kind} {next(self.numbers)}⟧"
        self.marks[mark] = desk
        return f"As we see it. {mark}"

    # Claims and verdicts

    def file(self, by: Member) -> None:
        """An article with one to three claims; every fourth appears nowhere. Some come again."""
        number = len(self.reckoned.claims)
        day = MONDAY + timedelta(days=self.day)
        count = self.chance.choice((1, 2, 3))
        sentences = [f"Sentence {number + i} of the week is so." for i in range(count)]
        again = self.any_claim() if number and self.chance.random() < 0.6 else None
        body = {
            "publisher": self.chance.choice(self.publishers),
            "headline": f"News of the day {self.day}",
            "language": LANGUAGE,
            # Of some only the month is known.
            "date_published": self.chance.choice((f"{day}", f"{day}", "2020-03")),
            "text": " ".join([*sentences, *([again.text] if again else [])]),
        }
        answer = self.of(by).post("/articles/", body)
        if not by.judges:
            return self.refused(answer, "no-member" if by.left else "role", by)
        assert answer.status == 201, answer.body
        article = answer.json
        org, snapshot = by.desk.id, article["snapshot"]["id"]
        self.reckoned.tell(
            Happened("article.created", article["id"], org, by.id),
            Happened("snapshot.captured", snapshot, org, by.id),
        )
        for sentence in sentences:
            appears = self.chance.random() < 0.75
            self.claim(by, sentence, *((snapshot, body) if appears else ()))
        if again is not None:
            place = {"snapshot": snapshot, "exact": again.text}
            made = self.of(by).made(f"/claims/{again.id}/appearances/", place)
            again.appeared(body["publisher"], body["date_published"])
            self.reckoned.tell(
                Happened("appearance.added", made["id"], org, by.id, again.id, again.status)
            )
        return None

    def claim(
        self,
        by: Member,
        text: str,
        snapshot: str | None = None,
        article: dict[str, str] | None = None,
    ) -> None:
        body: dict[str, Any] = {
            "kind": "fact",
            "text": text,
            "language": LANGUAGE,
            "fact": {"subject": text, "property": "is", "value": "so", "value_type": "text"},
            "stated_on": f"{MONDAY + timedelta(days=self.day)}",
        }
        if snapshot is not None:
            body["appearance"] = {"snapshot": snapshot, "exact": text}
        made = self.of(by).made("/claims/", body)
        claim = Claim(made["id"], text, instant(made["created_at"]))
        self.reckoned.claims[claim.id] = claim
        if article is not None:
            claim.appeared(article["publisher"], article["date_published"])
        told = [Happened("claim.created", made["id"], by.desk.id, by.id, made["id"], "unverified")]
        if snapshot is not None:
            place = made["appearance"]["id"]
            told.append(
                Happened("appearance.added", place, by.desk.id, by.id, made["id"], "unverified")
            )
        self.reckoned.tell(*told)

    def any_claim(self) -> Claim:
        """The newer ones rather, but each."""
        claims = list(self.reckoned.claims.values())
        newer = claims[-12:]
        return self.chance.choice(newer if self.chance.random() < 0.7 else claims)

    def seen(self, claim: Claim, by: Member) -> str:
        """The claim as somebody reads it now: what it allows is checked, its tag is given."""
        answer = self.of(by).get(f"/claims/{claim.id}/")
        drafted = self.reckoned.drafted(claim, by.desk) is not None
        rules = {move: claim.rule(move, by, drafted=drafted) for move in MOVES_OF_CLAIM}
        # A draft that is there already is told by the refusal of another.
        may = [move for move in MOVES_OF_CLAIM if rules[move] in (None, "one-draft")]
        told = answer.json
        assert told["allowed_moves"] == may, (by.name, by.role, claim)
        assert (told["status"], told["disagreement"]) == (claim.status, claim.disagreement)
        tag = answer.headers["etag"]
        self.tags.setdefault(claim.id, (tag, len(claim.verdicts)))
        return tag

    def judge(
        self,
        by: Member,
        claim: Claim | None = None,
        move: str | None = None,
        reading: str | None = None,
    ) -> None:
        """reading: of the claim, by which it is judged: `now`, `earlier`, or none (`nothing`)."""
        claim = claim or self.any_claim()
        move = move or self.chance.choice((*OUTCOME, "verify", "dispute"))
        readings, careful = ("now", "earlier", "nothing"), reading is not None
        reading = reading or self.chance.choices(readings, (8, 1, 1))[0]
        if by.left:
            answer = self.of(by).post(f"/claims/{claim.id}/verify/", {"rationale": "No more."})
            return self.refused(answer, "no-member", by)
        headers = {"if_match": self.seen(claim, by)}
        rule = claim.rule(move, by, drafted=False)
        earlier, verdicts = self.tags[claim.id]
        if reading == "nothing":
            headers = {}
            if claim.of(by.desk) is not None and rule != "role":
                rule = "unread"
        elif reading == "earlier" and verdicts < len(claim.verdicts):
            headers = {"if_match": earlier}
            rule = rule if rule == "role" else "stale"
        body = self.found(by, move, careful=careful)
        if rule is None and body.get("label") == UNHEARD_OF and by.desk.scale:
            rule = "label-not-on-scale"
        answer = self.move(by, claim, move, body, **headers)
        if rule is not None:
            return self.refused(answer, rule, by)
        self.reckoned.tell(self.judged(claim, by, answer, body))
        return None

    def found(self, by: Member, move: str, *, careful: bool) -> dict[str, Any]:
        """What somebody sends who judges: some with evidence, some with a label of their own."""
        body: dict[str, Any] = {"rationale": f"{by.name} finds so: {next(self.numbers)}."}
        if move == "withdraw":
            return body
        if self.chance.random() < 0.5:
            body["evidence"] = [{"url": "https://example.org/record", "stance": "context"}]
        if self.chance.random() < 0.5:
            labels = by.desk.labels(OUTCOME[move])
            if not careful:
                labels.append(UNHEARD_OF)
            if labels:
                body["label"] = self.chance.choice(labels)
        return body

    def move(
        self, by: Member, claim: Claim, move: str, body: dict[str, Any], **headers: str
    ) -> Answer:
        path = f"/claims/{claim.id}/{move}/"
        if move == "leave_open":
            body, path = body | {"outcome": OUTCOME[move]}, f"/claims/{claim.id}/verdicts/"
        return self.of(by).post(path, body, **headers)

    def judged(self, claim: Claim, by: Member, answer: Answer, sent: dict[str, Any]) -> Happened:
        assert answer.status == 201, answer.body
        return self.reckoned.judged(claim, self.verdict(claim, by, answer.json, sent))

    def verdict(
        self,
        claim: Claim,
        by: Member,
        told: Any,
        sent: dict[str, Any],
        confirmed_by: Member | None = None,
    ) -> Verdict:
        """A verdict that is new, as the reckoning expects it: so it must be told."""
        tip = claim.tip(by.desk)
        verdict = Verdict(
            told["id"],
            by.desk,
            told["outcome"],
            instant(told["issued_at"]),
            by.id,
            confirmed_by and confirmed_by.id,
            tip and tip.id,
            sent["rationale"],
            sent.get("label"),
            by.desk.rating(sent.get("label")),
        )
        assert told["organization"] == by.desk.named
        assert told["issued_by"]["id"] == by.id
        assert (told["confirmed_by"] or {}).get("id") == verdict.confirmed_by
        assert told["supersedes"] == verdict.supersedes
        return verdict

    # Drafts

    def draft(self, by: Member, claim: Claim | None = None, outcome: str | None = None) -> Any:
        claim = claim or self.any_claim()
        outcome = outcome or self.chance.choice(("verified", "disputed", "disputed", "withdrawn"))
        finding = self.finding(by, claim, outcome)
        answer = self.of(by).post("/drafts/", finding)
        there = self.reckoned.drafted(claim, by.desk)
        rule = "no-member" if by.left else claim.rule("draft", by, drafted=there is not None)
        if rule is not None:
            self.refused(answer, rule, by)
            assert there is None or rule != "one-draft" or answer.json["draft"] == there.id
            return None
        self.reckoned.tell(self.drafted(claim, by, finding, answer))
        return self.reckoned.drafted(claim, by.desk)

    def finding(self, by: Member, claim: Claim, outcome: str) -> dict[str, str]:
        return {
            "claim": claim.id,
            "outcome": outcome,
            "rationale": self.says("draft", by.desk),
        }

    def drafted(
        self, claim: Claim, by: Member, finding: dict[str, str], answer: Answer
    ) -> Happened:
        assert answer.status == 201, answer.body
        draft = Draft(answer.json["id"], claim, by, finding["outcome"], finding["rationale"])
        self.reckoned.drafts[draft.id] = draft
        return Happened("draft.created", draft.id, by.desk.id, by.id)

    def handle(self, by: Member) -> None:
        """Do something with a draft: of one's own desk, seldom of the other."""
        drafts = list(self.reckoned.drafts.values())
        alive = [it for it in drafts if it.state in ALIVE and it.desk is by.desk]
        if not drafts:
            return
        draft = self.chance.choice(alive if alive and self.chance.random() < 0.8 else drafts)
        able = [move for move in MOVES_OF_DRAFT if draft.rule(move, by) is None]
        sure = able and draft.desk is by.desk and self.chance.random() < 0.7
        self.step(by, draft, self.chance.choice(able if sure else MOVES_OF_DRAFT))

    def step(self, by: Member, draft: Draft, move: str) -> None:
        answer = self.of(by).get(f"/drafts/{draft.id}/")
        if by.left:
            return self.refused(answer, "no-member", by)
        if draft.desk is not by.desk:
            self.refused(answer, "not-there", by)
            moved = self.try_step(by, draft, move, "", '"x"')
            return self.refused(moved, "role" if by.role == "reader" else "not-there", by)
        told = answer.json
        rules = {it: draft.rule(it, by) for it in MOVES_OF_DRAFT}
        assert told["allowed_moves"] == [it for it in MOVES_OF_DRAFT if rules[it] is None]
        assert told["state"] == draft.state
        text = self.says("reasons" if move == "return" else "draft", draft.desk)
        moved = self.try_step(by, draft, move, text, answer.headers["etag"])
        if (rule := rules[move]) is not None:
            return self.refused(moved, rule, by)
        if move == "edit":
            draft.rationale = text
        self.reckoned.tell(*self.stepped(by, draft, move, moved))
        return None

    def try_step(self, by: Member, draft: Draft, move: str, text: str, tag: str) -> Answer:
        path = f"/drafts/{draft.id}/"
        if move == "edit":
            return self.of(by).send("PATCH", path, {"rationale": text}, if_match=tag)
        reasons = {"reasons": text} if move == "return" else None
        return self.of(by).post(f"{path}{move}/", reasons, if_match=tag)

    def stepped(self, by: Member, draft: Draft, move: str, answer: Answer) -> list[Happened]:
        assert answer.status == 200, answer.body
        draft.state = STATE[move]
        draft.steps.append((STEP[move], by.id))
        done = Happened(f"draft.{STEP[move]}", draft.id, draft.desk.id, by.id)
        if move != "confirm":
            return [done]
        draft.verdict = answer.json["verdict"]
        path = f"/claims/{draft.claim.id}/verdicts/{draft.verdict}/"
        told = self.anyone.read(path)
        # What is confirmed is told to everybody.
        for mark in [it for it in self.marks if it in told["rationale"]]:
            del self.marks[mark]
        sent = {"rationale": draft.rationale}
        verdict = self.verdict(draft.claim, draft.author, told, sent, confirmed_by=by)
        return [self.reckoned.judged(draft.claim, verdict), done]

    # The queue

    def queue(self, by: Member, claim: Claim | None = None) -> None:
        claim = claim or self.any_claim()
        due = None
        if self.chance.random() < 0.4:  # some are overdue, some due so late that it is no matter
            due = datetime.now(UTC) + timedelta(days=self.chance.choice((-3, 1, 10, 25, 60)))
        body = {"claim": claim.id} | ({"due_at": spelled(due)} if due else {})
        answer = self.of(by).post("/queue/", body)
        if not by.judges:
            return self.refused(answer, "no-member" if by.left else "role", by)
        there = [it for it in self.reckoned.queue(by.desk) if it.claim is claim]
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
            self.reckoned.items[item.id] = item
            return None
        [item] = there
        if due is not None and (item.due_at is None or due < item.due_at):
            item.due_at = due
        if by not in item.asked:
            item.asked.append(by)
        return None

    def next(self, by: Member) -> None:
        answer = self.of(by).post("/queue/next/")
        if not by.judges:
            return self.refused(answer, "no-member" if by.left else "role", by)
        waiting = self.reckoned.waiting(by.desk)
        if not waiting:
            return self.refused(answer, "nothing-waits", by)
        assert answer.status == 200, answer.body
        assert answer.json["id"] == waiting[0].id, "the first of those that nobody has"
        waiting[0].assignee = by
        return None

    def handle_item(self, by: Member) -> None:
        """Do something with an item of the queue: of one's own desk, seldom of the other."""
        items = list(self.reckoned.items.values())
        if not items:
            return
        own = [it for it in items if it.desk is by.desk and it.is_open]
        item = self.chance.choice(own if own and self.chance.random() < 0.8 else items)
        self.move_item(by, item, self.chance.choice(("take", "release", "assign", "priority")))

    def move_item(self, by: Member, item: Item, what: str) -> None:
        rule = self.rule_of_item(what, by, item)
        path = f"/queue/{item.id}/"
        judges = [it for it in self.people if it.desk is by.desk and it.judges]
        to, priority = self.chance.choice([*judges, None]), self.chance.choice(("low", "high"))
        if what == "priority":
            tag = self.of(by).get(path).headers.get("etag", '"x"')
            answer = self.of(by).send("PATCH", path, {"priority": priority}, if_match=tag)
        else:
            body = {"assignee": to and to.id} if what == "assign" else None
            answer = self.of(by).post(f"{path}{what}/", body)
        if rule is not None:
            return self.refused(answer, rule, by)
        assert answer.status == 200, answer.body
        if what == "priority":
            item.priority = priority
        else:
            item.assignee = {"take": by, "release": None, "assign": to}[what]
        assert answer.json["state"] == item.state
        return None

    @staticmethod
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

    def note(self, by: Member) -> None:
        claim, colleague = self.any_claim(), self.chance.choice(self.people)
        body = {"text": self.says("note", by.desk), "mentions": [colleague.id]}
        answer = self.of(by).post(f"/claims/{claim.id}/notes/", body)
        if not by.judges:
            return self.refused(answer, "no-member" if by.left else "role", by)
        known = colleague.desk is by.desk and not colleague.left
        assert answer.status == (201 if known else 400), answer.body
        return None

    # Races

    def race_for_the_queue(self) -> None:
        """All who may judge ask for the next item at the same moment."""
        runners = [it for it in self.people if it.judges]
        before = {desk.id: self.reckoned.waiting(desk) for desk in self.desks}
        answers = at_once(*(self.asks(it, "/queue/next/") for it in runners))
        for desk in self.desks:
            its = [(it, a) for it, a in zip(runners, answers, strict=True) if it.desk is desk]
            won = [(it, answer.json["id"]) for it, answer in its if answer.status == 200]
            waiting = before[desk.id]
            assert len(won) == min(len(its), len(waiting))
            # Each another one, and together the first of them.
            assert sorted(pk for _, pk in won) == sorted(it.id for it in waiting[: len(won)])
            for runner, pk in won:
                self.reckoned.items[pk].assignee = runner
            for runner, answer in its:
                if answer.status != 200:
                    self.refused(answer, "nothing-waits", runner)

    def asks(self, by: Member, path: str, body: Any = None, **headers: str) -> Callable[[], Answer]:
        return lambda: self.of(by).post(path, body, **headers)

    def unjudged(self) -> Claim:
        """A new claim, of which nobody has found or drafted anything."""
        filer = self.somebody(self.desks[0], "checker")
        text = f"Sentence {len(self.reckoned.claims)} of the week, for a race."
        self.claim(filer, text)
        return list(self.reckoned.claims.values())[-1]

    def somebody(self, desk: Desk, *roles: str) -> Member:
        return next(
            it for it in self.people if it.desk is desk and it.role in roles and not it.left
        )

    def colleagues(self, desk: Desk) -> list[Member]:
        """Two who may judge, and an editor who is neither."""
        judges = [it for it in self.people if it.desk is desk and it.judges]
        others = [it for it in judges if it.role != "editor"]
        return [*others[:2], self.somebody(desk, "editor")]

    def race_for_a_verdict(self, desk: Desk) -> None:
        """Two colleagues judge one claim at the same moment: one comes first, nothing is lost."""
        claim, (one, other, _editor) = self.unjudged(), self.colleagues(desk)
        body = {"rationale": "Both at once."}
        answers = at_once(
            self.asks(one, f"/claims/{claim.id}/verify/", body),
            self.asks(other, f"/claims/{claim.id}/dispute/", body),
        )
        assert sorted(it.status for it in answers) == [201, 428], answers
        for by, answer in zip((one, other), answers, strict=True):
            if answer.status == 201:
                self.reckoned.tell(self.judged(claim, by, answer, body))
            else:
                self.refused(answer, "unread", by)

    def disagree(self) -> Claim:
        """Two desks judge one claim at the same moment, and find what cannot both be so."""
        claim, bys = self.unjudged(), [self.somebody(it, "checker") for it in self.desks]
        body = {"rationale": "At once with the others."}
        answers = at_once(
            self.asks(bys[0], f"/claims/{claim.id}/verify/", body),
            self.asks(bys[1], f"/claims/{claim.id}/dispute/", body),
        )
        told = sorted(zip(answers, bys, strict=True), key=lambda it: str(it[0].json["issued_at"]))
        self.reckoned.tell(*[self.judged(claim, by, answer, body) for answer, by in told])
        assert claim.status == "contested"
        return claim

    def race_for_a_draft(self, desk: Desk) -> None:
        """Two draft on one claim at once: one draft is there. Two confirm it at once: once."""
        claim, (one, other, editor) = self.unjudged(), self.colleagues(desk)
        bodies = [self.finding(it, claim, "disputed") for it in (one, other)]
        answers = at_once(
            self.asks(one, "/drafts/", bodies[0]), self.asks(other, "/drafts/", bodies[1])
        )
        assert sorted(it.status for it in answers) == [201, 409], answers
        for by, finding, answer in zip((one, other), bodies, answers, strict=True):
            if answer.status == 201:
                self.reckoned.tell(self.drafted(claim, by, finding, answer))
            else:
                self.refused(answer, "one-draft", by)
        draft = self.reckoned.drafted(claim, desk)
        assert draft is not None
        seconds = [it for it in (one, other, editor) if it is not draft.author]
        if desk.policy == "editor":
            seconds = [editor, self.somebody(desk, "admin")]
        self.confirm_at_once(draft, seconds)

    def confirm_at_once(self, draft: Draft, seconds: list[Member]) -> None:
        seconds = [it for it in seconds if draft.rule("confirm", it) is None]
        path = f"/drafts/{draft.id}/"
        tags = [self.of(it).get(path).headers["etag"] for it in seconds]
        answers = at_once(
            *(
                self.asks(it, f"{path}confirm/", if_match=tag)
                for it, tag in zip(seconds, tags, strict=True)
            )
        )
        assert [it.status for it in answers].count(200) == 1, [it.body for it in answers]
        for by, answer in zip(seconds, answers, strict=True):
            if answer.status == 200:
                self.reckoned.tell(*self.stepped(by, draft, "confirm", answer))
            else:
                self.refused(answer, "stale", by)

    def race_with_the_policy(self, desk: Desk, policy: str) -> None:
        """It changes while colleagues judge: each verdict is there, or was refused by the rule."""
        claims = [self.unjudged() for _ in range(2)]
        one, other, editor = self.colleagues(desk)
        path = f"/organizations/{desk.id}/"
        tag = self.of(editor).get(path).headers["etag"]
        body = {"rationale": "While the policy changes."}
        change, *answers = at_once(
            lambda: self.of(editor).send("PATCH", path, {"review_policy": policy}, if_match=tag),
            self.asks(one, f"/claims/{claims[0].id}/verify/", body),
            self.asks(other, f"/claims/{claims[1].id}/verify/", body),
        )
        assert change.status == 200, change.body
        told = [[Happened("organization.edited", desk.id, desk.id, editor.id)]]
        for claim, by, answer in zip(claims, (one, other), answers, strict=True):
            if answer.status == 201:
                told.append([self.judged(claim, by, answer, body)])
            else:
                self.refused(answer, "review-required", by)
        desk.policy = policy
        self.reckoned.tell_at_once(*told)

    # What happens once

    def set_policy(self, desk: Desk, policy: str) -> None:
        path, editor = f"/organizations/{desk.id}/", self.somebody(desk, "editor")
        checker = self.somebody(desk, "checker")
        tag = self.of(editor).get(path).headers["etag"]
        for stranger in (checker, self.somebody(self.other(desk), "admin")):
            answer = self.of(stranger).send("PATCH", path, {"review_policy": policy}, if_match=tag)
            assert answer.status == 403, answer.body
        answer = self.of(editor).send("PATCH", path, {"review_policy": policy}, if_match=tag)
        assert answer.status == 200, answer.body
        if policy != desk.policy:
            self.tell(editor, "organization.edited", desk.id)
        desk.policy = policy

    def set_scale(self, desk: Desk, scale: tuple[dict[str, Any], ...]) -> None:
        path, editor = f"/organizations/{desk.id}/scale/", self.somebody(desk, "editor")
        tag = self.of(editor).get(path).headers.get("etag")
        headers = {"if_match": tag} if tag else {}
        body = {"ratings": scale}
        for stranger in (self.somebody(desk, "checker"), self.somebody(self.other(desk), "admin")):
            assert self.of(stranger).send("PUT", path, body, **headers).status == 403
        answer = self.of(editor).send("PUT", path, body, **headers)
        assert answer.status == (200 if tag else 201), answer.body
        assert [it["labels"] for it in answer.json["ratings"]] == [it["labels"] for it in scale]
        self.tell(editor, "organization.scale_changed", answer.json["id"])
        desk.scale = scale

    def other(self, desk: Desk) -> Desk:
        return next(it for it in self.desks if it is not desk)

    def remove_somebody(self, desk: Desk) -> Member:
        """A checker who has a draft that waits, an item of the queue, a verdict, and a key."""
        admin, leaver = self.somebody(desk, "admin"), self.somebody(desk, "checker")
        drafts = []
        for _number in range(2):
            claim = self.unjudged()
            self.of(leaver).made("/queue/", {"claim": claim.id}, status=201)
            [told] = self.of(leaver).every(f"/queue/?claim={claim.id}")
            item = Item(told["id"], claim, desk, instant(told["created_at"]), None, [leaver])
            self.reckoned.items[item.id] = item
            self.of(leaver).made(f"/queue/{item.id}/take/", status=200)
            item.assignee = leaver
            drafts.append(self.draft(leaver, claim, "disputed"))
        path = f"/organizations/{desk.id}/members/{leaver.id}/"
        keys = [it for it in self.of(leaver).every("/api-keys/") if it["revoked_at"] is None]
        tag = self.of(admin).get(path).headers["etag"]
        answer = self.of(admin).send("PATCH", path, {"ended": True}, if_match=tag)
        assert answer.status == 200, answer.body
        leaver.left = True
        for item in self.reckoned.items.values():
            if item.is_open and item.assignee is leaver:
                item.assignee = None
        self.reckoned.tell(
            *(
                Happened("api_key.revoked", it["id"], desk.id, admin.id)
                for it in sorted(keys, key=lambda it: str(it["id"]))
            ),
            Happened("member.edited", leaver.id, desk.id, admin.id),
        )
        self.tags.clear()  # the claims that show who it was have a version of today
        for path in ("/session/", "/drafts/", "/claims/"):
            answer = self.of(leaver).get(path)
            # A session that has ended reads as anybody does.
            assert answer.status == 401 or self.of(leaver).key is None, answer.body
        self.judge(leaver)
        editor = self.somebody(desk, "editor")
        self.step(self.somebody(desk, "checker"), drafts[0], "withdraw")  # who may not
        self.step(editor, drafts[0], "withdraw")
        self.step(editor, drafts[1], "confirm")
        return leaver

    def be_refused(self, desk: Desk) -> None:
        """What is not allowed, rule by rule, whatever else happens in the week."""
        one, other, editor = self.colleagues(desk)
        reader, stranger = self.somebody(desk, "reader"), self.somebody(self.other(desk), "admin")
        claim = self.unjudged()
        self.seen(claim, one)
        draft = self.draft(one, claim, "verified")
        self.draft(other, claim, "verified")  # one-draft
        self.step(one, draft, "confirm")  # not-by-the-author
        self.step(other, draft, "edit")  # author-only
        self.step(reader, draft, "confirm")  # role
        self.step(stranger, draft, "confirm")  # not-there
        self.step(other, draft, "return")
        self.step(other, draft, "confirm")  # draft-is-returned
        self.step(one, draft, "edit")
        self.set_policy(desk, "editor")
        self.step(other, draft, "confirm")  # editor-confirms
        self.judge(one, claim, "dispute", "now")  # review-required
        self.step(editor, draft, "confirm")
        self.step(one, draft, "withdraw")  # draft-is-closed
        self.set_policy(desk, "none")
        self.judge(other, claim, "dispute", "nothing")  # unread
        self.judge(other, claim, "dispute", "earlier")  # stale
        body = {"rationale": "It was not.", "label": UNHEARD_OF}
        answer = self.move(other, claim, "dispute", body, if_match=self.seen(claim, other))
        self.refused(answer, "label-not-on-scale", other)
        self.judge(other, claim, "dispute", "now")
        self.judge(one, claim, "withdraw", "now")
        self.judge(one, claim, "withdraw", "now")  # nothing-stands
        hollow = self.draft(one, claim, "withdrawn")
        self.step(other, hollow, "confirm")  # nothing-stands
        self.step(one, hollow, "withdraw")
        while self.reckoned.waiting(desk):
            self.next(other)
        self.next(other)  # nothing-waits
        self.queue(one, claim)
        self.next(one)
        [item] = [it for it in self.reckoned.queue(desk) if it.claim is claim]
        self.move_item(other, item, "take")  # a-colleague-has-it
        self.move_item(other, item, "release")  # not-yours
        self.judge(one, claim, "verify", "now")
        self.move_item(other, item, "take")  # out-of-the-queue

    def correct(self, claim: Claim) -> None:
        """A desk comes to find otherwise: a new verdict supersedes what it found."""
        for verdict in list(claim.standing):
            if verdict.desk.policy == "none":
                by = self.somebody(verdict.desk, "checker")
                move = "dispute" if verdict.outcome == "verified" else "verify"
                tag = self.seen(claim, by)
                body = {"rationale": "It was not as we said."}
                answer = self.move(by, claim, move, body, if_match=tag)
                self.reckoned.tell(self.judged(claim, by, answer, body))
                assert claim.tip(by.desk).supersedes == verdict.id  # type: ignore[union-attr]
                return
        raise AssertionError("nobody can correct what is to be corrected")

    # From outside

    def contest(self, claim: Claim, verdict: Verdict) -> tuple[str, Item]:
        """By somebody without an account; the claim waits in the desk's queue from then on."""
        path, desk = f"/claims/{claim.id}/contests/", verdict.desk
        mark = self.says("contest", desk)
        body = {"verdict": verdict.id, "party": "reader", "reason": "new_evidence", "text": mark}
        told = self.anyone.made(path, body)
        assert mark not in json.dumps(told, ensure_ascii=False)
        status = claim.status
        self.reckoned.tell(Happened("contest.filed", told["id"], desk.id, None, claim.id, status))
        [queued] = self.of(self.somebody(desk, "reader")).every(f"/queue/?claim={claim.id}")
        there = [it for it in self.reckoned.queue(desk) if it.claim is claim]
        if not there:
            there = [Item(queued["id"], claim, desk, instant(queued["created_at"]), None, [])]
            self.reckoned.items[queued["id"]] = there[0]
        there[0].contests += 1
        return told["id"], there[0]

    def resolve(self, by: Member, claim: Claim, contest: str, move: str, **body: str) -> Answer:
        answer = self.of(by).post(f"/contests/{contest}/{move}/", body)
        if answer.status == 200:
            state = {"uphold": "upheld", "reject": "rejected", "correct": "corrected"}[move]
            assert answer.json["state"] == state
            self.reckoned.tell(
                Happened("contest.resolved", contest, by.desk.id, by.id, claim.id, claim.status)
            )
        return answer

    def be_contested(self, desk: Desk) -> None:
        """One contest is rejected with reasons, one is answered by a new verdict."""
        one, other, _editor = self.colleagues(desk)
        reader, stranger = self.somebody(desk, "reader"), self.somebody(self.other(desk), "admin")
        no = {"answer": "Nothing in it is about what was found."}
        claim = self.unjudged()
        self.judge(one, claim, "verify", "now")
        verdict = claim.of(desk)
        assert verdict is not None
        contest, item = self.contest(claim, verdict)
        self.refused(self.resolve(reader, claim, contest, "reject", **no), "role", reader)
        answer = self.resolve(stranger, claim, contest, "reject", **no)
        self.refused(answer, "not-there", stranger)
        assert self.resolve(other, claim, contest, "reject", **no).status == 200
        answer = self.resolve(other, claim, contest, "uphold", **no)
        self.refused(answer, "contest-is-closed", other)
        # Nobody else has asked for it, and what was waited for is that the verdict stays.
        item.contests, item.verdict = 0, verdict.id

        contest, item = self.contest(claim, verdict)
        self.judge(other, claim, "dispute", "now")
        correction = claim.of(desk)
        assert correction is not None
        assert item.verdict == correction.id
        item.contests = 0
        answer = self.resolve(one, claim, contest, "correct", verdict=correction.id)
        assert answer.status == 200, answer.body
        self.reckoned.answers.add(correction.id)
        body = {"verdict": verdict.id, "party": "reader", "reason": "other", "text": "Too late."}
        late = self.anyone.post(f"/claims/{claim.id}/contests/", body)
        self.refused(late, "not-standing", one)

    # The week

    def play(self) -> None:
        self.prepare()
        marshes, mountains = self.desks
        once: dict[int, list[Callable[[], Any]]] = {
            0: [
                lambda: self.set_policy(mountains, "second_member"),
                lambda: self.race_for_a_verdict(marshes),
            ],
            1: [lambda: self.race_for_a_draft(mountains), self.race_for_the_queue],
            2: [
                lambda: self.set_policy(mountains, "none"),
                lambda: self.set_scale(mountains, PLAIN),
                self.disagree,
                lambda: self.race_with_the_policy(marshes, "second_member"),
            ],
            3: [lambda: self.remove_somebody(marshes), self.race_for_the_queue],
            4: [
                lambda: self.set_policy(marshes, "editor"),
                lambda: self.race_for_a_draft(marshes),
                lambda: self.be_refused(mountains),
                lambda: self.set_scale(mountains, NUMBERED),
            ],
            5: [
                lambda: self.set_policy(marshes, "none"),
                lambda: self.correct(self.disagree()),
                lambda: self.be_contested(mountains),
                self.race_for_the_queue,
            ],
            6: [
                self.disagree,
                lambda: self.race_with_the_policy(mountains, "editor"),
                lambda: self.race_for_a_draft(mountains),
                lambda: self.queue(self.somebody(mountains, "checker"), self.unjudged()),
            ],
        }
        for self.day in range(7):
            for _number in range(2):
                self.file(self.somebody(self.chance.choice(self.desks), "checker", "editor"))
            steps: list[Callable[[], Any]] = [self.act] * STEPS_A_DAY + once[self.day]
            # Whatever happens once happens at some hour of its day, in its order.
            hours = sorted(self.chance.sample(range(len(steps)), len(once[self.day])))
            day = iter(once[self.day])
            for hour in range(len(steps)):
                (next(day) if hour in hours else self.act)()
            self.evenings[self.settled()] = {
                claim.id: claim.status for claim in self.reckoned.claims.values()
            }

    def act(self) -> None:
        """Somebody does something."""
        by = self.chance.choice(self.people)
        if by.left and self.chance.random() < 0.7:
            return
        doing = self.chance.choices(
            (
                self.file,
                self.judge,
                self.draft,
                self.handle,
                self.queue,
                self.next,
                self.handle_item,
                self.note,
            ),
            (1, 8, 5, 9, 8, 2, 4, 1),
        )
        doing[0](by)

    def count(self) -> int:
        """How many changes there must have been."""
        return sum(len(it) for requests in self.reckoned.happened for it in requests)

    def settled(self) -> int:
        """The highest number, when everything has one."""
        last = self.begins_after + self.count()
        until(lambda: self.head() >= last, lambda: f"{self.head()} of {last} changes")
        assert self.head() == last
        return last

    def close(self) -> None:
        while Browser.opened:
            Browser.opened.pop().close()
