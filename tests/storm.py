"""Everything is killed at random while people write, and nobody misses or repeats a change.

Writers judge claims over HTTP; a follower reads the feed as Server-Sent Events and hangs up at
random; a webhook sink is called, and fails at random; meanwhile web processes, sequencer, worker
and database are killed. In the end the follower and the sink have every change once and in order,
the log is whole, and consistent with its checkpoint of the beginning.

`python -m tests.storm --seconds 600` runs it for ten minutes; the test suite for one.
"""

import argparse
import contextlib
import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from standardwebhooks import Webhook, WebhookVerificationError

from claims import merkle
from tests.live import ROOT, Server, live_server
from tests.sink import OK, Answer, Received, Sink, sink
from tests.soak import EVIDENCE, MOVES, prepare

WRITERS = 8
# What is killed: all of a round once, in any order, before the next round.
ROUND = ("web", "web", "sequencer", "worker", "database")
BESIDE = {"sequencer": "sequencer", "worker": "deliver"}  # → the command that it runs
SETTLED_WITHIN = 200  # seconds after the last kill; a lost delivery is taken up after a minute
GONE = (OSError, http.client.HTTPException, TimeoutError)


@dataclass
class Storm:
    server: Server
    seconds: float
    seed: int = 1
    writing: threading.Event = field(default_factory=threading.Event)
    following: threading.Event = field(default_factory=threading.Event)
    answers: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    accepted: set[str] = field(default_factory=set)
    followed: list[tuple[int, str]] = field(default_factory=list)
    at_first: dict[str, Any] = field(default_factory=dict)
    hung_up: int = 0
    refused: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """One request, again and again until it is answered by a server that is well."""
        while True:
            with contextlib.suppress(*GONE):
                answer = self.server.ask(method, path, body, **more)
                in_flight = answer.status == 409 and b"request-in-flight" in answer.body
                if answer.status < 500 and not in_flight:
                    return answer
                self.answers[f"{answer.status}, repeated"] += 1
                if answer.status not in {409, 503}:
                    self.faults.append(f"{path}: {answer.status} {answer.body[:300]!r}")
            time.sleep(0.1)

    # Who takes part

    def write(self, number: int, claims: list[str], key: str) -> None:
        chance = random.Random(f"{self.seed} writer {number}")
        while self.writing.is_set():
            claim = f"/api/v1/claims/{chance.choice(claims)}/"
            tag = self.ask("GET", claim, key=key).headers["etag"]
            answer = self.ask(
                "POST",
                f"{claim}{chance.choice(MOVES)}/",
                {"rationale": f"Writer {number} thinks so.", "evidence": EVIDENCE},
                key=key,
                if_match=tag,
                idempotency_key=str(uuid4()),
            )
            self.answers[str(answer.status)] += 1
            if answer.status == 201:
                self.accepted.add(answer.json["id"])
            elif answer.status not in {409, 412, 428}:
                self.faults.append(f"{answer.status}: {answer.body[:300]!r}")
            time.sleep(0.02)

    def follow(self) -> None:
        """Read the feed from the beginning, and hang up whenever it comes to mind."""
        chance = random.Random(f"{self.seed} follower")
        last = 0
        while self.following.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5)
            until = time.monotonic() + chance.uniform(0.2, 6)
            try:
                headers = {"Accept": "text/event-stream", "Last-Event-ID": str(last)}
                connection.request("GET", "/api/v1/changes/", headers=headers)
                response = connection.getresponse()
                while response.status == 200 and time.monotonic() < until:
                    line = response.readline()
                    if not line:
                        break
                    if line.startswith(b"data: "):
                        change = json.loads(line[6:])
                        last = self.hear(last, change)
            except GONE:
                pass
            finally:
                connection.close()
            self.hung_up += 1
            time.sleep(0.1)

    def hear(self, last: int, change: Any) -> int:
        number: int = change["number"]
        if number != last + 1:
            self.faults.append(f"the follower heard {number} after {last}")
        self.followed.append((number, change["id"]))
        return number

    def kill(self) -> None:
        """Something of the server, every few seconds; as often of each kind as its round says."""
        chance = random.Random(f"{self.seed} killer")
        while self.writing.is_set():
            for what in chance.sample(ROUND, len(ROUND)):
                time.sleep(chance.uniform(1.0, 4.0))
                while self.writing.is_set() and not self.is_killed(what, chance):
                    time.sleep(0.1)  # it was killed before, and is not there again yet

    def is_killed(self, what: str, chance: random.Random) -> bool:
        alive = self.database() if what == "database" else self.children(what)
        if not alive:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            chance.choice(alive).kill()
            self.killed[what] += 1
            return True
        return False

    def database(self) -> list[psutil.Process]:
        """The process of which all others of the database are children."""
        folder = self.server.folder / "postgres"
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
            found = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
            # The file of one that was killed stays, and its number may be somebody else's now.
            return [found] if found.cwd() == str(folder) else []
        return []

    def children(self, what: str) -> list[psutil.Process]:
        """The server's processes of this kind that are alive."""
        assert self.server.process is not None
        called = f"django {BESIDE[what]}" if what in BESIDE else "spawn_main"
        found = []
        for child in psutil.Process(self.server.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if called in " ".join(child.cmdline()):  # a dead one has none
                    found.append(child)
        return found

    def take(self, received: Received, verifier: Webhook, chance: random.Random) -> Answer:
        """What the sink answers: not always well, but well the next time."""
        try:
            verifier.verify(received.body, received.headers)
        except WebhookVerificationError as wrong:
            self.faults.append(f"the sink was called with a bad signature: {wrong}")
        if received.id not in self.refused and chance.random() < 0.03:
            self.refused.add(received.id)
            return 500, {}, b"not now"
        return OK

    # The whole

    def run(self, called: Sink, folder: Path) -> None:
        ids, keys = prepare(self.server, claims=10, desks=4, members=3)
        body = {"url": called.url}
        webhook = self.ask("POST", "/api/v1/webhooks/", body, key=keys[1])
        assert webhook.status == 201, webhook.body
        chance = random.Random(f"{self.seed} sink")
        verifier = Webhook(webhook.json["secret"])
        called.answers = lambda received: self.take(received, verifier, chance)
        until = time.monotonic() + SETTLED_WITHIN
        self.settle(lambda: self.head() > 0, until, "the sequencer is at work")
        code, told = self.outsider(folder)
        if code != 0:
            self.faults.append(f"the standalone verifier, before anything is killed: {told}")
            return
        self.at_first = known_to_outsider(folder)
        began_at = self.head()
        self.writing.set()
        self.following.set()
        threads = [
            threading.Thread(target=self.write, args=(n, ids, keys[n % len(keys)]))
            for n in range(WRITERS)
        ]
        killer, follower = threading.Thread(target=self.kill), threading.Thread(target=self.follow)
        for thread in (*threads, killer, follower):
            thread.start()
        time.sleep(self.seconds)
        self.writing.clear()
        for thread in (*threads, killer):
            thread.join()
        until = time.monotonic() + SETTLED_WITHIN
        self.settle(lambda: self.numbered(), until, "all is numbered")
        head = self.head()
        self.settle(lambda: len(self.followed) >= head, until, "the follower has read all")
        wanted = set(range(began_at + 1, head + 1))
        self.settle(lambda: wanted <= set(called.numbers), until, "the sink was called with all")
        self.following.clear()
        follower.join()
        self.check(called, head, folder)

    def head(self) -> int:
        head: int = self.ask("GET", "/api/v1/changes/?page_size=1").json["head"]
        return head

    def numbered(self) -> bool:
        """Whether every accepted verdict has its number."""
        numbers = {
            change["subject"]
            for change in self.changes()
            if change["type"] in {"verdict.issued", "verdict.withdrawn"}
        }
        return self.accepted <= numbers

    def changes(self) -> list[Any]:
        found: list[Any] = []
        after, head = 0, 1
        while after < head:
            page = self.ask("GET", f"/api/v1/changes/?after={after}&page_size=200").json
            found += page["results"]
            after, head = page["last"], page["head"]
        return found

    def settle(self, done: Callable[[], bool], until: float, what: str) -> None:
        while not done():
            if time.monotonic() > until:
                self.faults.append(f"not within {SETTLED_WITHIN} s: {what}")
                return
            time.sleep(0.5)

    def check(self, called: Sink, head: int, folder: Path) -> None:
        changes = self.changes()
        if self.followed != [(it["number"], it["id"]) for it in changes]:
            self.faults.append("the follower has another record than the feed")
        if [it["number"] for it in changes] != list(range(1, head + 1)):
            self.faults.append("the feed has gaps")
        self.check_calls(called, {it["number"]: it for it in changes})
        self.check_growth(folder)
        told = manage(self.server, "verify_log")
        if "all as they were logged" not in told:
            self.faults.append(f"verify_log: {told}")

    def check_growth(self, folder: Path) -> None:
        """The log is whole, and begins with what it was before anything was killed."""
        if known_to_outsider(folder) != self.at_first:
            self.faults.append("the standalone verifier does not compare with the beginning")
        code, told = self.outsider(folder)
        if code != 0:
            self.faults.append(f"the standalone verifier: {told}")
            return
        old, new = self.at_first, known_to_outsider(folder)
        if not 0 < old["size"] < new["size"]:
            self.faults.append(f"the log has not grown: from {old['size']} to {new['size']}")
            return
        # The same by a proof, which the outsider, who has read all entries, does not need.
        query = f"from={old['size']}&to={new['size']}"
        found = self.ask("GET", f"/api/v1/log/proof/consistency/?{query}").json
        proof = [bytes.fromhex(step) for step in found["proof"]]
        roots = bytes.fromhex(old["root"]), bytes.fromhex(new["root"])
        try:
            merkle.verify_consistency(old["size"], new["size"], *roots, proof)
        except merkle.ProofInvalid as wrong:
            self.faults.append(f"the log does not begin with its first checkpoint: {wrong}")

    def check_calls(self, called: Sink, changes: dict[int, Any]) -> None:
        """Each change arrived as the feed tells it; of one claim in order."""
        first: dict[int, Received] = {}
        for received in called.received:
            if received.id.partition(".")[2]:
                first.setdefault(received.number, received)
        of_claim: dict[str, list[int]] = defaultdict(list)
        for number, received in first.items():
            if received.json["data"]["id"] != changes[number]["id"]:
                self.faults.append(f"the sink was told something else of {number}")
            if claim := changes[number]["claim"]:
                of_claim[claim].append(number)
        for claim, numbers in of_claim.items():
            if numbers != sorted(numbers):
                self.faults.append(f"what happened to {claim} was told out of order: {numbers}")

    def outsider(self, folder: Path) -> tuple[int, str]:
        """The standalone verifier: at first it learns the checkpoint, at last it compares."""
        command = [sys.executable, str(ROOT / "docs" / "verify_isnad.py")]
        command += [f"http://127.0.0.1:{self.server.port}/", "--state", str(folder / "state.json")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def known_to_outsider(folder: Path) -> dict[str, Any]:
    """The checkpoint that the standalone verifier has found to be true: size and root."""
    state = json.loads((folder / "state.json").read_text())
    return {name: state[name] for name in ("size", "root")}


def manage(server: Server, *command: str) -> str:
    """What a management command prints on the server's own database."""
    code = (
        "import sys\n"
        "from config.environment import database_environment\n"
        "with database_environment():\n"
        "    from django.core.management import execute_from_command_line\n"
        "    execute_from_command_line(['manage.py', *sys.argv[1:]])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        env=server.inherited | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return done.stdout + done.stderr


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with live_server(WEBHOOK_ALLOW_PRIVATE="1") as server, sink() as called:
        storm = Storm(server, asked.seconds, asked.seed)
        storm.run(called, server.folder)
    sys.stdout.write(storm_told(storm, called))
    if storm.faults:
        sys.exit("\n".join(storm.faults[:20]))
    sys.stdout.write("every change once and in order, and the log is whole\n")


def storm_told(storm: Storm, called: Sink) -> str:
    killed = ", ".join(f"{what} {storm.killed[what]} times" for what in dict.fromkeys(ROUND))
    return (
        f"killed: {killed}; the follower hung up {storm.hung_up} times\n"
        f"answers: {dict(storm.answers)}; accepted: {len(storm.accepted)}\n"
        f"followed: {len(storm.followed)}; calls: {len(called.received)}, "
        f"of {len(set(called.numbers))} changes\n"
    )


if __name__ == "__main__":
    main()
