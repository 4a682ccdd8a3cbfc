"""Verdicts with evidence: over HTTP, against the same writes in a script of pgbench."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg

from tests.benchmarks.databases import connect, console, drop
from tests.benchmarks.peers.asks import CLAIMS
from tests.benchmarks.peers.contest import CONNECTIONS, SEED, Turn, difference, postmaster
from tests.benchmarks.peers.load import Processor, Request, Result, Wrong, run
from tests.benchmarks.peers.pgbench import command, environment, without_colons
from tests.benchmarks.peers.serving import ISNAD, isnad
from tests.benchmarks.writes import COPY, FINDING, copy

PGBENCH = "pgbench, the same writes"
MOST_CLAIMS = 200_000

# What one verdict writes: two texts, the verdict, two pieces of evidence, the claim's status, the
# document of the Change, the Change. Locked first, as Isnad does it; the rest in one pipeline.
SCRIPT = """
\\set n :n + 1
\\set i (:client_id * :stride + :n) % :total
BEGIN;
SELECT c.id AS claim, c.language, m.member, m.organization, uuidv7() AS verdict,
    uuidv7() AS rationale, uuidv7() AS quote, uuidv7() AS piece, uuidv7() AS other,
    uuidv7() AS document, encode(uuid_send(gen_random_uuid()), 'hex') AS salt,
    CASE WHEN random() < 0.5 THEN 'verified' ELSE 'disputed' END AS outcome
    FROM bench_claims b JOIN claims_claim c ON c.id = b.claim, bench_members m
    WHERE b.n = :i AND m.client = :client_id FOR NO KEY UPDATE OF c \\gset
\\startpipeline
INSERT INTO claims_content (id, text, salt, sha256, length)
    SELECT id, text, salt, sha256(salt || convert_to(text, 'UTF8')), char_length(text)
    FROM (VALUES (:rationale::uuid, {rationale}, decode(:salt, 'hex')),
                 (:quote::uuid, {quote}, decode(:salt, 'hex'))) AS t (id, text, salt);
INSERT INTO claims_verdict
    (id, claim_id, organization_id, outcome, label, rationale_id, issued_at, issued_by_id)
    VALUES (:verdict, :claim, :organization, :outcome, {label}, :rationale, now(), :member);
INSERT INTO claims_evidence (id, verdict_id, position, url, stance, title, quote_id)
    VALUES (:piece, :verdict, 0, {url}, {stance}, {title}, NULL),
           (:other, :verdict, 1, {other_url}, {other_stance}, NULL, :quote);
WITH claim AS (
    UPDATE claims_claim SET status = claims_status_by_rule_v1(id), version = version + 1,
        changed_at = now() WHERE id = :claim RETURNING id, status
), told AS (
    INSERT INTO claims_content (id, text, salt, sha256, length)
    SELECT :document::uuid, text, decode(:salt, 'hex'),
        sha256(decode(:salt, 'hex') || convert_to(text, 'UTF8')), char_length(text)
    FROM (SELECT json_build_object(
        'claim', :claim::uuid, 'date_published', NULL, 'evidence', json_build_array(
            json_build_object('archive_url', NULL, 'derived_from', NULL, 'id', :piece::uuid,
                'position', 0, 'quote', NULL, 'stance', {stance}, 'title', {title}, 'url', {url}),
            json_build_object('archive_url', NULL, 'derived_from', NULL, 'id', :other::uuid,
                'position', 1, 'quote', encode(sha256(decode(:salt, 'hex')
                    || convert_to({quote}, 'UTF8')), 'hex'),
                'stance', {other_stance}, 'title', NULL, 'url', {other_url})),
        'id', :verdict::uuid, 'issued_at',
        to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'label', {label}, 'language', NULL, 'organization', :organization::uuid,
        'outcome', :outcome::text, 'rationale', encode(sha256(decode(:salt, 'hex')
            || convert_to({rationale}, 'UTF8')), 'hex'),
        'supersedes', NULL, 'title', NULL, 'url', NULL)::text AS text) document
    RETURNING id
)
INSERT INTO claims_change (id, type, subject_id, claim_id, organization_id, status, language,
        outcome, document_id, recorded_at, recorded_by_id)
    SELECT uuidv7(), 'verdict.issued', :verdict, claim.id, :organization, claim.status, :language,
        :outcome, told.id, now(), :member FROM claim, told;
COMMIT;
\\endpipeline
"""


@contextmanager
def contest(database: str, *, turns: int) -> Iterator[dict[str, Turn]]:
    """On a copy, which is dropped again. turns: how often each will write. Raises Wrong.

    Each connection writes for an organization of its own, so that it can judge every claim
    once; one half of the unjudged claims is for Isnad, the other for pgbench. Isnad's sequencer
    numbers the Changes of both.
    """
    from tests.benchmarks import plans

    console.print(f"Copying {database}")
    plans.connect_to("postgres")  # nobody may be connected to what is copied
    with connect("postgres") as connection:
        copy(connection, database)
        try:
            plans.connect_to(COPY)
            members = checkers()
            keys = tuple(map(new_key, members))
            with connect(COPY) as owner:
                postgres = Processor(postmaster(owner))
                claims = unjudged(owner)
                half = len(claims) // 2
                prepare(owner, claims[half:], members)
            with isnad(COPY, keys) as who:
                mine = [own(claims[:half], number) for number in range(CONNECTIONS)]
                requests = [posts(who, claims, n) for n, claims in enumerate(mine)]
                server = Processor(who.pid)
                script = Script(len(claims) - half, turns)
                yield {
                    ISNAD: lambda seconds: run(who.port, requests, seconds, server, postgres),
                    PGBENCH: lambda seconds: script.run(seconds, postgres),
                }
            with connect(COPY) as owner:
                same_writes(owner, claims[:half], claims[half:])
        finally:
            plans.connect_to("postgres")
            drop(connection, COPY)


def checkers() -> list:
    """One of each organization, for each connection."""
    from claims.models import Member
    from claims.vocabulary import Role

    found = Member.objects.filter(role=Role.CHECKER).order_by("organization_id", "id")
    return list(found.distinct("organization_id")[:CONNECTIONS])


def new_key(member: object) -> str:
    from claims.actions.desks import create_api_key
    from claims.vocabulary import Scope

    return create_api_key(member=member, label="benchmark", scopes=Scope, by=None)[1]


def unjudged(connection: psycopg.Connection) -> list[str]:
    found = connection.execute(
        "SELECT id FROM claims_claim c WHERE status = 'unverified' "
        "AND NOT EXISTS (SELECT FROM claims_verdict v WHERE v.claim_id = c.id) "
        "ORDER BY md5(id::text) LIMIT %s",
        [MOST_CLAIMS],
    )
    return [str(pk) for (pk,) in found]


def own(claims: Sequence[str], number: int) -> Iterator[str]:
    """All of them, from another place on for each connection."""
    at = number * (len(claims) // CONNECTIONS)
    yield from claims[at:]
    yield from claims[:at]


def posts(who, claims: Iterator[str], number: int) -> Iterator[Request]:
    chance, body = Random(SEED + number), json.dumps(FINDING).encode()
    for claim in claims:
        path = f"{CLAIMS}{claim}/{chance.choice(['verify', 'dispute'])}/"
        yield Request(who.post(path, body, number), 800, 4000, b"201")
    raise Wrong("the record has too few claims without verdict for so long a run")


def prepare(owner: psycopg.Connection, claims: Sequence[str], members: Sequence) -> None:
    owner.execute("CREATE TABLE bench_claims (n int PRIMARY KEY, claim uuid)")
    owner.execute(
        "CREATE TABLE bench_members (client int PRIMARY KEY, member uuid, organization uuid)"
    )
    with owner.cursor().copy("COPY bench_claims FROM STDIN") as rows:
        for n, claim in enumerate(claims):
            rows.write_row((n, claim))
    with owner.cursor().copy("COPY bench_members FROM STDIN") as rows:
        for client, member in enumerate(members):
            rows.write_row((client, member.pk, member.organization_id))
    owner.execute("GRANT SELECT ON bench_claims, bench_members TO PUBLIC")
    owner.execute("ANALYZE bench_claims, bench_members")


WRITTEN = """
    SELECT to_jsonb(v), to_jsonb(h), d.text::jsonb, r.text,
        (SELECT jsonb_agg(to_jsonb(e) ORDER BY e.position)
         FROM claims_evidence e WHERE e.verdict_id = v.id)
    FROM claims_change h
    JOIN claims_verdict v ON v.id = h.subject_id
    JOIN claims_content d ON d.id = h.document_id
    JOIN claims_content r ON r.id = v.rationale_id
    WHERE h.claim_id = ANY(%s) AND h.type = 'verdict.issued' ORDER BY h.recorded_at DESC LIMIT 1"""


def same_writes(owner: psycopg.Connection, *halves: Sequence[str]) -> None:
    """That a verdict leaves the same rows, whoever wrote it. Raises Wrong where it does not."""
    one, other = (
        [shape(value) for value in owner.execute(WRITTEN, [list(claims)]).fetchone()]
        for claims in halves
    )
    if one != other:
        raise Wrong(f"{PGBENCH}: not what {ISNAD} writes: {difference(other, one)}")


def shape(value: object) -> object:
    """A document without its values: what is in it, what is null, of which type the rest is."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return None if value is None else type(value).__name__


class Script:
    """claims: how many there are to judge; turns: how many turns have to share them."""

    def __init__(self, claims: int, turns: int) -> None:
        self.claims, self.slice, self.turn = claims, claims // turns, 0

    def run(self, seconds: float, postgres: Processor) -> Result:
        """Raises Wrong."""
        given = {
            "n": self.turn * self.slice,
            "stride": self.claims // CONNECTIONS,
            "total": self.claims,
        }
        self.turn += 1
        with tempfile.TemporaryDirectory(prefix="pgbench") as folder:
            path = Path(folder) / "verdict.sql"
            path.write_text(script())
            options = [f"--define={name}={value}" for name, value in given.items()]
            options += [f"--client={CONNECTIONS}", f"--time={max(1, round(seconds))}"]
            before = postgres.seconds()
            with subprocess.Popen(
                command(COPY, *options, f"--file={path}"),
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as process:
                said, errors = process.stdout.read(), process.stderr.read()
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
        done = re.search(r"transactions actually processed: (\d+)", said)
        rate = re.search(r"tps = ([\d.]+)", said)
        if process.returncode or not done or not rate:
            raise Wrong(f"pgbench: {errors[-2000:]} {said[-500:]}")
        count = int(done[1])
        if count > self.slice * CONNECTIONS:
            raise Wrong("the record has too few claims without verdict for so long a run")
        cpu = used.ru_utime + used.ru_stime
        return Result(count, count / float(rate[1]), cpu, postgres.seconds() - before, 0)


def script() -> str:
    piece, other = FINDING["evidence"]
    texts = {
        "rationale": FINDING["rationale"],
        "label": FINDING["label"],
        "quote": other["quote"],
        "url": piece["url"],
        "stance": piece["stance"],
        "title": piece["title"],
        "other_url": other["url"],
        "other_stance": other["stance"],
    }
    quoted = {name: "'" + text.replace("'", "''") + "'" for name, text in texts.items()}
    return without_colons(
        re.sub(r"\{(\w+)\}", lambda found: quoted[found[1]] + "::text", SCRIPT.strip()) + "\n"
    )
