"""The Changes of a made-up record, and their numbers: told of its rows after they are loaded.

The documents are composed by PostgreSQL, of the same columns as those of real Changes.
"""

import time
from collections.abc import Callable

import psycopg
from django.db.models import Model

from claims.formats.state import told
from claims.management.verification import PARTS, as_json, is_content
from claims.models import (
    Anchor,
    Appearance,
    Article,
    Claim,
    Member,
    Organization,
    Publisher,
    Snapshot,
    Speaker,
    Verdict,
)

# (what is told of a claim is told at its filing, but for verdicts)
# Of each table: the type, instant and doer of its Change, and what it is told to be about.
HAPPENED: dict[type[Model], tuple[str, str, str, str]] = {
    Organization: ("'organization.created'", "r.created_at", "NULL::uuid", "organization"),
    Member: ("'member.added'", "r.created_at", "NULL::uuid", "member"),
    Publisher: ("'publisher.created'", "r.created_at", "r.created_by_id", ""),
    Speaker: ("'speaker.created'", "r.created_at", "r.created_by_id", ""),
    Article: ("'article.created'", "r.created_at", "r.created_by_id", "article"),
    Snapshot: ("'snapshot.captured'", "r.captured_at", "r.captured_by_id", "snapshot"),
    Claim: ("'claim.created'", "r.created_at", "r.created_by_id", "claim"),
    Appearance: ("'appearance.added'", "c.created_at", "r.created_by_id", "appearance"),
    Anchor: ("'appearance.reanchored'", "c.created_at", "NULL::uuid", "anchor"),
    Verdict: (
        "CASE r.outcome WHEN 'withdrawn' THEN 'verdict.withdrawn' ELSE 'verdict.issued' END",
        "r.issued_at",
        "r.issued_by_id",
        "verdict",
    ),
}
JOINS = {
    "article": "",
    "snapshot": "JOIN claims_article a ON a.id = r.article_id",
    "claim": "JOIN claims_claim c ON c.id = r.id",
    "appearance": "JOIN claims_claim c ON c.id = r.claim_id",
    "anchor": "JOIN claims_appearance p ON p.id = r.appearance_id "
    "JOIN claims_claim c ON c.id = p.claim_id",
    "verdict": "JOIN claims_claim c ON c.id = r.claim_id",
}
LANGUAGES = {"article": "r.language", "snapshot": "a.language"}
BY_CLAIM = {"claim", "appearance", "anchor", "verdict"}


def tell(connection: psycopg.Connection) -> int:
    """Write the Changes of all rows, in the order of their times; how many there are."""
    parts = [selected(model, *how) for model, how in HAPPENED.items()]
    connection.execute("CREATE TEMP TABLE told AS " + " UNION ALL ".join(parts))
    with connection.transaction():
        connection.execute("ALTER TABLE told ADD salt bytea, ADD content uuid")
        connection.execute(
            "UPDATE told SET salt = uuid_send(gen_random_uuid()), content = claims_uuid7()"
        )
        connection.execute(
            """INSERT INTO claims_content (id, text, salt, sha256, length)
               SELECT content, document, salt, sha256(salt || convert_to(document, 'UTF8')),
                      char_length(document) FROM told"""
        )
        done = connection.execute(
            """INSERT INTO claims_change
                   (type, subject_id, claim_id, organization_id, status, language, outcome,
                    document_id, recorded_at, recorded_by_id)
               SELECT t.type, t.subject, t.claim, coalesce(t.organization, m.organization_id),
                      t.status, t.language, t.outcome, t.content, t.at, t.by
               FROM told t LEFT JOIN claims_member m ON m.id = t.by
               ORDER BY t.at, t.rank"""
        )
    connection.execute("DROP TABLE told")
    connection.execute("VACUUM ANALYZE")
    return done.rowcount


def selected(model: type[Model], kind: str, at: str, by: str, what: str) -> str:
    table = model._meta.db_table
    columns = {field.name: as_json(field) for field in told(model)} | PARTS.get(model, {})
    if model is Claim:
        columns["status"] = "to_jsonb('unverified'::text)"
    document = ", ".join(f"'{name}', {expression}" for name, expression in columns.items())
    texts = " ".join(
        f'LEFT JOIN claims_content {field.name}_text ON {field.name}_text.id = r."{field.column}"'
        for field in told(model)
        if is_content(field)
    )
    claim, organization, status, language, outcome = (
        "NULL::uuid",
        "NULL::uuid",
        "NULL",
        "NULL",
        "NULL",
    )
    if what in BY_CLAIM:
        claim, language = "c.id", "c.language"
        status = f"CASE WHEN c.changed_at = {at} THEN c.status ELSE 'unverified' END"
    if what == "verdict":
        organization, outcome = "r.organization_id", "r.outcome"
    if what in {"organization", "member"}:
        organization = "r.id" if what == "organization" else "r.organization_id"
    language = LANGUAGES.get(what, language)
    rank = list(HAPPENED).index(model)
    return f"""
        SELECT {kind}::text AS type, r.id AS subject, {claim} AS claim,
               {organization} AS organization, {status}::text AS status,
               {language}::text AS language, {outcome}::text AS outcome, {at} AS at, {by} AS by,
               {rank} AS rank, jsonb_build_object({document})::text AS document
        FROM {table} r {JOINS.get(what, "")} {texts}"""


def number(tick: Callable[[int], None] = lambda done: None) -> tuple[int, float]:
    """Number all that waits, as the sequencer does it: how many there were, and the seconds."""
    from claims.actions.log_keys import Keys
    from claims.actions.sequencing import Sequencer

    sequencer = Sequencer(Keys.of_settings())
    began, total = time.perf_counter(), 0
    while done := sequencer.step():
        total += done
        tick(done)
    return total, time.perf_counter() - began
