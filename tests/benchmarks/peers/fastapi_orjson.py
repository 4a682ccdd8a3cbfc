"""FastAPI and asyncpg: five plain queries a page, documents put together by hand, orjson."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response

from tests.benchmarks.peers.listing import SIZE, listing, next_link

JSON = dict[str, Any]

# A claim with all of which it has one: speaker, first appearance, article, publisher, number.
PAGE = """
    SELECT c.*, s.name AS speaker_name,
        f.id AS f_id, f.snapshot_id AS f_snapshot, f.exact, f.prefix, f.suffix, f.start AS f_start,
        f."end" AS f_end, f.checked, t.snapshot_id AS t_snapshot, t.state, t.start AS t_start,
        t."end" AS t_end, a.id AS a_id, a.headline, a.url AS a_url, a.date_published,
        p.id AS p_id, p.name AS p_name,
        (SELECT l.number FROM claims_change h JOIN claims_logentry l ON l.change_id = h.id
         WHERE h.subject_id = c.id AND h.type = 'claim.created' LIMIT 1) AS number
    FROM {page} c
    LEFT JOIN claims_speaker s ON s.id = c.speaker_id
    LEFT JOIN claims_appearance f ON f.claim_id = c.id AND f.position = 0
    LEFT JOIN claims_article a ON a.id = f.article_id
    LEFT JOIN claims_publisher p ON p.id = a.publisher_id
    LEFT JOIN LATERAL (SELECT * FROM claims_anchor t WHERE t.appearance_id = f.id
        ORDER BY t.position DESC LIMIT 1) t ON true"""
RELAYS = """
    SELECT y.appearance_id, s.id, s.name
    FROM claims_relay y JOIN claims_speaker s ON s.id = y.speaker_id
    WHERE y.appearance_id = ANY($1) ORDER BY y.appearance_id, y.position"""
ASSERTIONS = (
    "SELECT statement_id, fact_id FROM claims_assertion WHERE statement_id = ANY($1) ORDER BY id"
)
VERDICTS = """
    SELECT v.*, o.name AS o_name, m.name AS m_name, r.text AS rationale,
        (SELECT l.number FROM claims_change h JOIN claims_logentry l ON l.change_id = h.id
         WHERE h.subject_id = v.id AND h.type IN ('verdict.issued', 'verdict.withdrawn')
         LIMIT 1) AS number
    FROM claims_verdict v
    JOIN claims_organization o ON o.id = v.organization_id
    JOIN claims_content r ON r.id = v.rationale_id
    LEFT JOIN claims_member m ON m.id = v.issued_by_id
    WHERE v.claim_id = ANY($1) AND v.outcome <> 'withdrawn'
    AND NOT EXISTS (SELECT FROM claims_verdict l WHERE l.supersedes_id = v.id)
    ORDER BY v.issued_at, v.id"""
EVIDENCE = """
    SELECT e.*, q.text AS quote, q.salt, q.sha256
    FROM claims_evidence e LEFT JOIN claims_content q ON q.id = e.quote_id
    WHERE e.verdict_id = ANY($1) ORDER BY e.verdict_id, e.position"""
CHANGES = """
    SELECT l.number, h.id, h.type, h.subject_id, h.claim_id, h.status, h.language, h.outcome,
        h.recorded_at, o.id AS o_id, o.name AS o_name, m.id AS m_id, m.name AS m_name,
        d.text AS d_text, d.salt AS d_salt, d.sha256 AS d_hash,
        b.id AS b_id, b.text AS b_text, b.salt AS b_salt, b.sha256 AS b_hash
    FROM claims_change h
    JOIN claims_logentry l ON l.change_id = h.id
    JOIN claims_content d ON d.id = h.document_id
    LEFT JOIN claims_content b ON b.id = h.before_id
    LEFT JOIN claims_organization o ON o.id = h.organization_id
    LEFT JOIN claims_member m ON m.id = h.recorded_by_id
    WHERE h.claim_id = $1 AND l.number > $2 ORDER BY l.number LIMIT {limit}"""
RATIONALES = """
    SELECT v.id, r.text, r.salt, r.sha256
    FROM claims_verdict v JOIN claims_content r ON r.id = v.rationale_id WHERE v.id = ANY($1)"""


async def documents(connection: asyncpg.Connection, rows: list[asyncpg.Record]) -> list[JSON]:
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    relays, asserted, verdicts = defaultdict(list), defaultdict(list), defaultdict(list)
    for link in await connection.fetch(RELAYS, [row["f_id"] for row in rows if row["f_id"]]):
        relays[link["appearance_id"]].append({"id": link["id"], "name": link["name"]})
    if statements := [row["id"] for row in rows if row["kind"] == "statement"]:
        for assertion in await connection.fetch(ASSERTIONS, statements):
            asserted[assertion["statement_id"]].append(assertion["fact_id"])
    if judged := [row["id"] for row in rows if row["status"] != "unverified"]:
        found = await connection.fetch(VERDICTS, judged)
        pieces = by_verdict(await connection.fetch(EVIDENCE, [row["id"] for row in found]))
        for row in found:
            verdicts[row["claim_id"]].append(verdict_document(row, pieces[row["id"]]))
    return [
        claim_document(row, relays[row["f_id"]], asserted[pk], verdicts[pk])
        for pk, row in zip(ids, rows, strict=True)
    ]


def by_verdict(pieces: Iterable[asyncpg.Record]) -> dict[str, list[asyncpg.Record]]:
    found = defaultdict(list)
    for piece in pieces:
        found[piece["verdict_id"]].append(piece)
    return found


def claim_document(
    row: asyncpg.Record, relays: list[JSON], asserted: list[str], verdicts: list[JSON]
) -> JSON:
    return {
        "id": row["id"],
        "kind": row["kind"],
        "text": row["text"],
        "language": row["language"],
        "status": row["status"],
        "speaker": named(row["speaker_id"], row["speaker_name"]),
        "fact": fact(row) if row["kind"] == "fact" else None,
        "speech": row["speech"],
        "asserts": asserted,
        "stated_on": row["stated_on"],
        "article": article(row) if row["f_id"] else None,
        "appearance": appearance(row, relays) if row["f_id"] else None,
        "verdicts": verdicts,
        "created_at": row["created_at"],
        "changed_at": row["changed_at"],
        "number": row["number"],
    }


def named(pk: str | None, name: str | None) -> JSON | None:
    return None if pk is None else {"id": pk, "name": name}


def fact(row: asyncpg.Record) -> JSON:
    return {
        "subject": row["subject"],
        "property": row["property"],
        "value": row["value"],
        "value_type": row["value_type"],
        "unit": row["unit"],
        "approximate": row["approximate"],
        "lower": row["lower"],
        "upper": row["upper"],
    }


def article(row: asyncpg.Record) -> JSON:
    return {
        "id": row["a_id"],
        "headline": row["headline"],
        "url": row["a_url"],
        "date_published": row["date_published"],
        "publisher": {"id": row["p_id"], "name": row["p_name"]},
    }


def appearance(row: asyncpg.Record, relays: list[JSON]) -> JSON:
    at = "t" if row["t_snapshot"] else "f"
    snapshot = row[f"{at}_snapshot"]
    return {
        "id": row["f_id"],
        "snapshot": row["f_snapshot"],
        "exact": row["exact"],
        "prefix": row["prefix"],
        "suffix": row["suffix"],
        "start": row["f_start"],
        "end": row["f_end"],
        "anchor": row["state"] or ("exact" if row["checked"] else "unchecked"),
        "current": snapshot
        and {"snapshot": snapshot, "start": row[f"{at}_start"], "end": row[f"{at}_end"]},
        "relayed_by": relays,
    }


def verdict_document(row: asyncpg.Record, pieces: list[asyncpg.Record]) -> JSON:
    return {
        "id": row["id"],
        "claim": row["claim_id"],
        "organization": {"id": row["organization_id"], "name": row["o_name"]},
        "outcome": row["outcome"],
        "label": row["label"],
        "rationale": row["rationale"],
        "evidence": [
            {
                "id": piece["id"],
                "url": piece["url"],
                "stance": piece["stance"],
                "title": piece["title"],
                "quote": piece["quote"],
                "archive_url": piece["archive_url"],
                "derived_from": piece["derived_from"],
            }
            for piece in pieces
        ],
        "supersedes": row["supersedes_id"],
        "url": row["url"],
        "title": row["title"],
        "language": row["language"],
        "date_published": row["date_published"],
        "issued_by": named(row["issued_by_id"], row["m_name"]),
        "issued_at": row["issued_at"],
        "number": row["number"],
    }


def change_document(
    row: asyncpg.Record, rationale: asyncpg.Record | None, pieces: list[asyncpg.Record]
) -> JSON:
    """With the texts that a verdict's document names by hash, and the salts of all of them."""
    document = None if row["d_text"] is None else orjson.loads(row["d_text"])
    texts = [("/document", row["d_text"], row["d_salt"], row["d_hash"])]
    if row["b_id"]:
        texts.append(("/before", row["b_text"], row["b_salt"], row["b_hash"]))
    if document is not None and rationale is not None:
        document["rationale"] = rationale["text"]
        texts.append(("/document/rationale", *list(rationale.values())[1:]))
        for i, piece in enumerate(pieces):
            if piece["quote_id"]:
                document["evidence"][i]["quote"] = piece["quote"]
                pointer = f"/document/evidence/{i}/quote"
                texts.append((pointer, piece["quote"], piece["salt"], piece["sha256"]))
    return {
        "number": row["number"],
        "id": row["id"],
        "type": row["type"],
        "subject": row["subject_id"],
        "claim": row["claim_id"],
        "organization": named(row["o_id"], row["o_name"]),
        "status": row["status"],
        "language": row["language"],
        "outcome": row["outcome"],
        "document": document,
        "before": None if row["b_text"] is None else orjson.loads(row["b_text"]),
        "salts": {pointer: salt.hex() for pointer, _, salt, _ in texts if salt},
        "erased": {pointer: digest.hex() for pointer, text, _, digest in texts if text is None},
        "recorded_by": named(row["m_id"], row["m_name"]),
        "recorded_at": row["recorded_at"],
    }


@asynccontextmanager
async def pool(app: FastAPI):
    app.state.pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"],
        min_size=4,
        max_size=4,
        init=prepare,
        statement_cache_size=1000,
        server_settings={"jit": "off"},
    )
    yield
    await app.state.pool.close()


async def prepare(connection: asyncpg.Connection) -> None:
    """Ids are only passed on: as text they need not become objects first."""
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)


app = FastAPI(lifespan=pool)


def answer(document: Any) -> Response:
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    return Response(body, media_type="application/json")


def page(results: list[JSON], following: str | None) -> Response:
    return answer({"next": following, "previous": None, "results": results})


@app.get("/api/v1/claims/")
async def claims(request: Request) -> Response:
    query: Mapping[str, str] = request.query_params
    asked = listing(query)
    at = asked.columns[0]
    sql = PAGE.format(page=f"({asked.sql(f'c.*, {at} AS listed_at')})")
    direction = "DESC" if asked.descending else "ASC"
    sql += f" ORDER BY listed_at {direction}, c.id {direction}"
    async with app.state.pool.acquire() as connection:
        rows = await connection.fetch(sql, *asked.params)
        found = await documents(connection, rows[:SIZE])
    if len(rows) <= SIZE:
        return page(found, None)
    last: datetime = rows[SIZE - 1]["listed_at"]
    return page(found, next_link(query, last, rows[SIZE - 1]["id"]))


@app.get("/api/v1/claims/{pk}/")
async def claim(pk: UUID) -> Response:
    sql = PAGE.format(page="claims_claim") + " WHERE c.id = $1"
    async with app.state.pool.acquire() as connection:
        found = await documents(connection, await connection.fetch(sql, pk))
    return answer(found[0]) if found else Response(status_code=404)


@app.get("/api/v1/claims/{pk}/history/")
async def history(pk: UUID, after: int = 0) -> Response:
    async with app.state.pool.acquire() as connection:
        rows = await connection.fetch(CHANGES.format(limit=SIZE + 1), pk, after)
        rationales, pieces = {}, {}
        if verdicts := [row["subject_id"] for row in rows if row["outcome"]]:
            found = await connection.fetch(RATIONALES, verdicts)
            rationales = {row["id"]: row for row in found}
            pieces = by_verdict(await connection.fetch(EVIDENCE, verdicts))
    results = [
        change_document(row, rationales.get(row["subject_id"]), pieces.get(row["subject_id"], []))
        for row in rows[:SIZE]
    ]
    more = f"/api/v1/claims/{pk}/history/?after={results[-1]['number']}"
    return page(results, more if len(rows) > SIZE else None)
