"""FastAPI and asyncpg: PostgreSQL composes the whole body, and it goes through untouched."""

import os
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response

from tests.benchmarks.peers.listing import SIZE, listing, next_link


def instant(column: str) -> str:
    """As Python writes it: microseconds only where there are some."""
    spelled = f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return f"replace({spelled}, '.000000Z', 'Z')"


def named(table: str, pk: str) -> str:
    return (
        f"(SELECT json_build_object('id', n.id, 'name', n.name) FROM {table} n WHERE n.id = {pk})"
    )


EVIDENCE = """
    SELECT coalesce(json_agg(json_build_object(
        'id', e.id, 'url', e.url, 'stance', e.stance, 'title', e.title, 'quote', q.text,
        'archive_url', e.archive_url, 'derived_from', e.derived_from) ORDER BY e.position), '[]')
    FROM claims_evidence e LEFT JOIN claims_content q ON q.id = e.quote_id
    WHERE e.verdict_id = v.id"""

VERDICTS = f"""
    SELECT coalesce(json_agg(json_build_object(
        'id', v.id, 'claim', v.claim_id, 'outcome', v.outcome, 'label', v.label,
        'organization', json_build_object('id', o.id, 'name', o.name),
        'rationale', r.text, 'evidence', ({EVIDENCE}), 'supersedes', v.supersedes_id,
        'url', v.url, 'title', v.title, 'language', v.language,
        'date_published', v.date_published,
        'issued_by', CASE WHEN m.id IS NOT NULL
            THEN json_build_object('id', m.id, 'name', m.name) END,
        'issued_at', {instant("v.issued_at")},
        'number', (SELECT l.number FROM claims_change h JOIN claims_logentry l ON l.change_id = h.id
            WHERE h.subject_id = v.id AND h.type IN ('verdict.issued', 'verdict.withdrawn') LIMIT 1)
        ) ORDER BY v.issued_at, v.id), '[]')
    FROM claims_verdict v
    JOIN claims_organization o ON o.id = v.organization_id
    JOIN claims_content r ON r.id = v.rationale_id
    LEFT JOIN claims_member m ON m.id = v.issued_by_id
    WHERE v.claim_id = c.id AND v.outcome <> 'withdrawn'
    AND NOT EXISTS (SELECT FROM claims_verdict l WHERE l.supersedes_id = v.id)"""

CLAIM = f"""json_build_object(
    'id', c.id, 'kind', c.kind, 'text', c.text, 'language', c.language, 'status', c.status,
    'speaker', {named("claims_speaker", "c.speaker_id")},
    'fact', CASE c.kind WHEN 'fact' THEN json_build_object(
        'subject', c.subject, 'property', c.property, 'value', c.value,
        'value_type', c.value_type, 'unit', c.unit, 'approximate', c.approximate,
        'lower', c.lower, 'upper', c.upper) END,
    'speech', c.speech,
    'asserts', (SELECT coalesce(json_agg(s.fact_id ORDER BY s.id), '[]')
        FROM claims_assertion s WHERE s.statement_id = c.id),
    'stated_on', c.stated_on,
    'article', CASE WHEN f.id IS NOT NULL THEN json_build_object(
        'id', a.id, 'headline', a.headline, 'url', a.url, 'date_published', a.date_published,
        'publisher', {named("claims_publisher", "a.publisher_id")}) END,
    'appearance', CASE WHEN f.id IS NOT NULL THEN json_build_object(
        'id', f.id, 'snapshot', f.snapshot_id, 'exact', f.exact, 'prefix', f.prefix,
        'suffix', f.suffix, 'start', f.start, 'end', f."end",
        'anchor', coalesce(t.state, CASE WHEN f.checked THEN 'exact' ELSE 'unchecked' END),
        'current', CASE WHEN t.id IS NOT NULL
            THEN json_build_object('snapshot', t.snapshot_id, 'start', t.start, 'end', t."end")
            WHEN f.snapshot_id IS NOT NULL
            THEN json_build_object('snapshot', f.snapshot_id, 'start', f.start, 'end', f."end")
            END,
        'relayed_by', (SELECT coalesce(json_agg(
                json_build_object('id', s.id, 'name', s.name) ORDER BY y.position), '[]')
            FROM claims_relay y JOIN claims_speaker s ON s.id = y.speaker_id
            WHERE y.appearance_id = f.id)) END,
    'verdicts', ({VERDICTS}),
    'created_at', {instant("c.created_at")}, 'changed_at', {instant("c.changed_at")},
    'number', (SELECT l.number FROM claims_change h JOIN claims_logentry l ON l.change_id = h.id
        WHERE h.subject_id = c.id AND h.type = 'claim.created' LIMIT 1))"""

PARTS = """
    LEFT JOIN claims_appearance f ON f.claim_id = c.id AND f.position = 0
    LEFT JOIN claims_article a ON a.id = f.article_id
    LEFT JOIN LATERAL (SELECT * FROM claims_anchor t WHERE t.appearance_id = f.id
        ORDER BY t.position DESC LIMIT 1) t ON true"""

DETAIL = f"SELECT {CLAIM} FROM claims_claim c {PARTS} WHERE c.id = $1"

# Documents of verdicts name their texts by hash: they are put back, and their salts told.
HISTORY = f"""
    SELECT coalesce(json_agg(json_build_object(
        'number', l.number, 'id', h.id, 'type', h.type, 'subject', h.subject_id,
        'claim', h.claim_id, 'organization', {named("claims_organization", "h.organization_id")},
        'status', h.status, 'language', h.language, 'outcome', h.outcome,
        'document', d.text::jsonb || coalesce(put.texts, '{{}}'), 'before', b.text::json,
        'salts', (SELECT coalesce(json_object_agg(k.pointer, encode(k.salt, 'hex')), '{{}}')
            FROM unnest(told.pointers, told.salts) AS k (pointer, salt) WHERE k.salt IS NOT NULL),
        'erased', (SELECT coalesce(json_object_agg(k.pointer, encode(k.hash, 'hex')), '{{}}')
            FROM unnest(told.pointers, told.hashes) AS k (pointer, hash) WHERE k.hash IS NOT NULL),
        'recorded_by', {named("claims_member", "h.recorded_by_id")},
        'recorded_at', {instant("h.recorded_at")}
        ) ORDER BY l.number) FILTER (WHERE n <= {SIZE}), '[]') AS results,
        max(n) > {SIZE} AS more, max(l.number) FILTER (WHERE n = {SIZE}) AS last
    FROM (
        SELECT row_number() OVER (ORDER BY l.number) AS n, l.number, l.change_id
        FROM claims_change h JOIN claims_logentry l ON l.change_id = h.id
        WHERE h.claim_id = $1 AND l.number > $2
        ORDER BY l.number LIMIT {SIZE + 1}
    ) l
    JOIN claims_change h ON h.id = l.change_id
    JOIN claims_content d ON d.id = h.document_id
    LEFT JOIN claims_content b ON b.id = h.before_id
    LEFT JOIN LATERAL (
        SELECT jsonb_build_object('rationale', r.text, 'evidence', quoted.evidence) AS texts,
            ARRAY['/document/rationale'] || quoted.pointers AS pointers,
            ARRAY[r.salt] || quoted.salts AS salts,
            ARRAY[CASE WHEN r.text IS NULL THEN r.sha256 END] || quoted.hashes AS hashes
        FROM claims_verdict v JOIN claims_content r ON r.id = v.rationale_id, LATERAL (
            SELECT coalesce(jsonb_agg(
                    (d.text::jsonb #> ARRAY['evidence', e.position::text])
                    || jsonb_build_object('quote', q.text) ORDER BY e.position), '[]') AS evidence,
                array_agg('/document/evidence/' || e.position || '/quote') AS pointers,
                array_agg(q.salt) AS salts,
                array_agg(CASE WHEN q.text IS NULL THEN q.sha256 END) AS hashes
            FROM claims_evidence e LEFT JOIN claims_content q ON q.id = e.quote_id
            WHERE e.verdict_id = v.id) quoted
        WHERE v.id = h.subject_id AND h.outcome IS NOT NULL AND d.text IS NOT NULL
    ) put ON true
    CROSS JOIN LATERAL (
        SELECT ARRAY['/document', '/before'] || put.pointers AS pointers,
            ARRAY[d.salt, b.salt] || put.salts AS salts,
            ARRAY[CASE WHEN d.text IS NULL THEN d.sha256 END,
                  CASE WHEN b.text IS NULL THEN b.sha256 END] || put.hashes AS hashes
    ) told"""


def listed(query: Mapping[str, str]) -> tuple[str, list[Any]]:
    page = listing(query)
    at = page.columns[0]
    sql = f"""
        SELECT coalesce(json_agg({CLAIM} ORDER BY n) FILTER (WHERE n <= {SIZE}), '[]') AS results,
            max(n) > {SIZE} AS more, max(listed_at) FILTER (WHERE n = {SIZE}) AS at,
            max(c.id::text) FILTER (WHERE n = {SIZE}) AS id
        FROM (SELECT *, row_number() OVER () AS n
              FROM ({page.sql(f"c.*, {at} AS listed_at")}) one) c {PARTS}"""
    return sql, page.params


def happened(pk: str, after: int) -> tuple[str, list[Any]]:
    return HISTORY, [UUID(pk), after]


@asynccontextmanager
async def pool(app: FastAPI):
    app.state.pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"],
        min_size=4,
        max_size=4,
        statement_cache_size=1000,
        init=prepare,
        server_settings={"jit": "off"},
    )
    yield
    await app.state.pool.close()


async def prepare(connection: asyncpg.Connection) -> None:
    """JSON stays the bytes that PostgreSQL sends."""
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )


app = FastAPI(lifespan=pool)


def page(results: bytes, following: str | None) -> Response:
    body = b'{"next":%b,"previous":null,"results":%b}' % (orjson.dumps(following), results)
    return Response(body, media_type="application/json")


@app.get("/api/v1/claims/")
async def claims(request: Request) -> Response:
    query = request.query_params
    sql, params = listed(query)
    row = await app.state.pool.fetchrow(sql, *params)
    return page(row["results"], next_link(query, row["at"], row["id"]) if row["more"] else None)


@app.get("/api/v1/claims/{pk}/")
async def claim(pk: UUID) -> Response:
    body = await app.state.pool.fetchval(DETAIL, pk)
    if body is None:
        return Response(status_code=404)
    return Response(body, media_type="application/json")


@app.get("/api/v1/claims/{pk}/history/")
async def history(pk: UUID, after: int = 0) -> Response:
    row = await app.state.pool.fetchrow(HISTORY, pk, after)
    following = f"/api/v1/claims/{pk}/history/?after={row['last']}" if row["more"] else None
    return page(row["results"], following)
