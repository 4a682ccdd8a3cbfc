"""Entity tags: one for each single document, covering all that is in it.

Every row that can be edited counts its edits in `version`; a tag is made of the versions of
all rows whose words the document shows, so that it can be told without composing the document.

Claims and verdicts show the numbers of their Changes, which come a moment after them. Until then
the tag says so: the document changes once more then, but not by an edit that could be lost.
"""

import hashlib
import re
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Model

from claims.models import (
    ApiKey,
    Appearance,
    Article,
    Claim,
    Contest,
    Delivery,
    Draft,
    Invitation,
    Member,
    Note,
    NoticeSettings,
    Organization,
    Publisher,
    QueueItem,
    RatingScale,
    Relation,
    Snapshot,
    Speaker,
    Verdict,
    Webhook,
)

# Raise it when the shape of documents changes, so that no client keeps an old shape.
REVISION = 2

OWN_VERSION = "SELECT version::text FROM {table} WHERE id = {{id}}"

VERSIONS: dict[type[Model], str] = {
    Publisher: OWN_VERSION.format(table="claims_publisher"),
    Speaker: OWN_VERSION.format(table="claims_speaker"),
    Organization: OWN_VERSION.format(table="claims_organization"),
    Member: OWN_VERSION.format(table="claims_member"),
    Webhook: OWN_VERSION.format(table="claims_webhook"),
    Delivery: """
        SELECT concat_ws(',', state, attempts_made, next_attempt_at)
        FROM claims_delivery WHERE id = {id}""",
    ApiKey: """
        SELECT concat_ws(',', k.version, m.version)
        FROM claims_apikey k JOIN claims_member m ON m.id = k.member_id WHERE k.id = {id}""",
    Invitation: """
        SELECT concat_ws(',', i.version, by.version, coalesce(guest.version, 0))
        FROM claims_invitation i
        LEFT JOIN claims_member by ON by.id = i.created_by_id
        LEFT JOIN claims_member guest ON guest.id = i.accepted_by_id
        WHERE i.id = {id}""",
    Article: """
        SELECT concat_ws(',', a.version, p.version)
        FROM claims_article a JOIN claims_publisher p ON p.id = a.publisher_id WHERE a.id = {id}""",
    Snapshot: """
        SELECT concat_ws(',', '1', c.erased_at)
        FROM claims_snapshot s LEFT JOIN claims_content c ON c.id = s.content_id
        WHERE s.id = {id}""",
    Appearance: """
        SELECT concat_ws(',',
            a.version, p.version,
            (SELECT count(*) FROM claims_anchor n WHERE n.appearance_id = ap.id),
            (SELECT string_agg(s.version::text, '.' ORDER BY r.position)
             FROM claims_relay r JOIN claims_speaker s ON s.id = r.speaker_id
             WHERE r.appearance_id = ap.id))
        FROM claims_appearance ap
        JOIN claims_article a ON a.id = ap.article_id
        JOIN claims_publisher p ON p.id = a.publisher_id
        WHERE ap.id = {id}""",
    Verdict: """
        SELECT concat_ws(',', o.version, m.version, s.version, c.erased_at,
            (SELECT string_agg(q.erased_at::text, '.' ORDER BY q.id)
             FROM claims_evidence e JOIN claims_content q ON q.id = e.quote_id
             WHERE e.verdict_id = v.id))
        FROM claims_verdict v
        JOIN claims_organization o ON o.id = v.organization_id
        JOIN claims_content c ON c.id = v.rationale_id
        LEFT JOIN claims_member m ON m.id = v.issued_by_id
        LEFT JOIN claims_member s ON s.id = v.confirmed_by_id
        WHERE v.id = {id}""",
    # The verdict that stands for the organization too: who confirms a draft has seen it. And by
    # which scale it rates: by that a draft allows what its label is on.
    Draft: """
        SELECT concat_ws(',', d.version, o.version, m.version, c.erased_at,
            (SELECT string_agg(concat(t.version, ':', r.erased_at), '.' ORDER BY s.position)
             FROM claims_draftstep s JOIN claims_member t ON t.id = s.taken_by_id
             LEFT JOIN claims_content r ON r.id = s.reasons_id WHERE s.draft_id = d.id),
            (SELECT v.id FROM claims_verdict v
             WHERE v.claim_id = d.claim_id AND v.organization_id = d.organization_id
               AND NOT EXISTS (SELECT FROM claims_verdict n WHERE n.supersedes_id = v.id)),
            (SELECT max(s.version) FROM claims_ratingscale s
             WHERE s.organization_id = d.organization_id))
        FROM claims_draft d
        JOIN claims_organization o ON o.id = d.organization_id
        JOIN claims_member m ON m.id = d.created_by_id
        JOIN claims_content c ON c.id = d.finding_id
        WHERE d.id = {id}""",
    Contest: """
        SELECT concat_ws(',', t.version, o.version, coalesce(m.version, 0),
            s.erased_at, c.erased_at, a.erased_at, claims_verdict_stays_v1(t.verdict_id))
        FROM claims_contest t
        JOIN claims_organization o ON o.id = t.organization_id
        JOIN claims_content s ON s.id = t.statement_id
        LEFT JOIN claims_content c ON c.id = t.contact_id
        LEFT JOIN claims_content a ON a.id = t.answer_id
        LEFT JOIN claims_member m ON m.id = t.resolved_by_id
        WHERE t.id = {id}""",
    RatingScale: """
        SELECT concat_ws(',', o.version, m.version)
        FROM claims_ratingscale s
        JOIN claims_organization o ON o.id = s.organization_id
        LEFT JOIN claims_member m ON m.id = s.created_by_id
        WHERE s.id = {id}""",
    Relation: """
        SELECT concat_ws(',', o.version, m.version,
            EXISTS (SELECT FROM claims_relation later WHERE later.supersedes_id = r.id))
        FROM claims_relation r
        JOIN claims_organization o ON o.id = r.organization_id
        LEFT JOIN claims_member m ON m.id = r.decided_by_id
        WHERE r.id = {id}""",
    # Its days are counted on by the calendar: what they say of now is a part of the version.
    QueueItem: """
        SELECT concat_ws(',', i.version, c.version,
            extract(day FROM coalesce(i.closed_at, statement_timestamp()) - i.created_at),
            i.due_at < coalesce(i.closed_at, statement_timestamp()),
            coalesce(a.version, 0), coalesce(b.version, 0), coalesce(q.version, 0), e.version)
        FROM claims_queueitem i
        JOIN claims_claim c ON c.id = i.claim_id
        LEFT JOIN claims_member a ON a.id = i.assignee_id
        LEFT JOIN claims_member b ON b.id = i.assigned_by_id
        LEFT JOIN claims_member q ON q.id = i.created_by_id
        LEFT JOIN claims_member e ON e.id = i.closed_by_id
        WHERE i.id = {id}""",
    Note: """
        SELECT concat_ws(',', t.erased_at, coalesce(m.version, 0),
            (SELECT string_agg(p.version::text, '.' ORDER BY n.position)
             FROM claims_notemention n JOIN claims_member p ON p.id = n.member_id
             WHERE n.note_id = o.id))
        FROM claims_note o
        JOIN claims_content t ON t.id = o.content_id
        LEFT JOIN claims_member m ON m.id = o.created_by_id
        WHERE o.id = {id}""",
    # By the id of the member; where nothing is said yet, there is no row. Where notices go, too.
    NoticeSettings: """
        SELECT concat_ws(',', coalesce(s.version, 0), u.email, m.ended_at)
        FROM claims_member m
        LEFT JOIN claims_noticesettings s ON s.member_id = m.id
        LEFT JOIN claims_user u ON u.id = m.user_id
        WHERE m.id = {id}""",
    Claim: """
        SELECT concat_ws(',',
            c.version,
            coalesce(s.version, 0), coalesce(a.version, 0), coalesce(p.version, 0),
            coalesce(
                (SELECT string_agg(rs.version::text, '.' ORDER BY r.position)
                 FROM claims_relay r JOIN claims_speaker rs ON rs.id = r.speaker_id
                 WHERE r.appearance_id = ap.id), ''),
            (SELECT string_agg(
                concat(o.version, ':', m.version, ':', cm.version, ':', t.erased_at, ':',
                    (SELECT string_agg(q.erased_at::text, '.' ORDER BY q.id)
                     FROM claims_evidence e JOIN claims_content q ON q.id = e.quote_id
                     WHERE e.verdict_id = v.id)),
                '.' ORDER BY v.id)
             FROM claims_verdict v
             JOIN claims_organization o ON o.id = v.organization_id
             JOIN claims_content t ON t.id = v.rationale_id
             LEFT JOIN claims_member m ON m.id = v.issued_by_id
             LEFT JOIN claims_member cm ON cm.id = v.confirmed_by_id
             WHERE v.claim_id = c.id))
        FROM claims_claim c
        LEFT JOIN claims_speaker s ON s.id = c.speaker_id
        LEFT JOIN claims_appearance ap ON ap.claim_id = c.id AND ap.position = 0
        LEFT JOIN claims_article a ON a.id = ap.article_id
        LEFT JOIN claims_publisher p ON p.id = a.publisher_id
        WHERE c.id = {id}""",
}


# Whether a number that the document shows is still to come.
UNNUMBERED = """
    EXISTS (
        SELECT FROM claims_change c WHERE c.{column} = {{id}}
        AND NOT EXISTS (SELECT FROM claims_logentry l WHERE l.change_id = c.id)
    )"""
AWAITED: dict[type[Model], str] = {
    Claim: UNNUMBERED.format(column="claim_id"),
    Verdict: UNNUMBERED.format(column="subject_id"),
    Relation: UNNUMBERED.format(column="subject_id"),
}
MARK = "-unnumbered"

TAG = """
    SELECT '"' || left(encode(sha256(convert_to(
        concat('{revision}:', {id}, ':', v.versions), 'UTF8')), 'hex'), 32)
        || CASE WHEN {awaited} THEN '{mark}' ELSE '' END || '"'
    FROM ({versions}) AS v(versions)"""

# Of a list: the same for as long as nothing at all happens to the record, for whatever it shows is
# written with a Change, or erased. It is made of what is numbered and what waits for a number; null
# while so much waits that telling it apart would take longer than the list.
OF_RECORD = """
    SELECT CASE WHEN w.waiting <= 100 THEN concat(
        'W/"', {revision}, '-', (SELECT max(l.number) FROM claims_logentry l), '-', w.which, '-',
        (SELECT extract(epoch FROM max(c.erased_at)) FROM claims_content c
         WHERE c.erased_at IS NOT NULL), '"') END
    FROM (SELECT count(*) AS waiting,
                 left(md5(string_agg(u.position::text, ',' ORDER BY u.position)), 16) AS which
          FROM (SELECT position FROM claims_unnumbered ORDER BY position LIMIT 101) AS u
         ) AS w""".replace("{revision}", str(REVISION))

# When the record changed last, erasures included; null where there are Changes without a number
# yet, which can be told before they are counted.
MODIFIED = """
    SELECT CASE WHEN EXISTS (SELECT FROM claims_unnumbered) THEN NULL ELSE greatest(
        (SELECT l.numbered_at FROM claims_logentry l ORDER BY l.number DESC LIMIT 1),
        (SELECT max(c.erased_at) FROM claims_content c WHERE c.erased_at IS NOT NULL)) END"""

OF_ONE = "SELECT ({tag}) FROM (SELECT %s::uuid) AS asked(id)"


# What a tag ends with, beside the version of the document: see the two functions below.
READER = re.compile(r'~[0-9a-f]{8}"$')
ENDS = re.compile(rf'(?:{MARK})?(?:~[0-9a-f]{{8}})?"$')


def version_of(tag: str) -> str:
    """The entity tag of the same version, whether its numbers are known or not, to anybody."""
    return ENDS.sub('"', tag)


def tag_to(reader: str | None, tag: str) -> str:
    """The entity tag of a document that tells a reader what they may do with it.

    reader: the organization, the role and the policy that this follows from; None: anybody.
    """
    if reader is None:
        return tag
    digest = hashlib.sha256(reader.encode()).hexdigest()[:8]
    return f'{tag.removesuffix(chr(34))}~{digest}"'


def tag_to_anybody(tag: str) -> str:
    """What `tag_to` was given."""
    return READER.sub('"', tag)


def tag_sql(model: type[Model], id: str) -> str:
    """SELECT the strong entity tag of a document, quotes included, if there is such a row.

    id: an expression of type uuid.
    """
    versions, awaited = VERSIONS[model].format(id=id), AWAITED.get(model, "false").format(id=id)
    return TAG.format(revision=REVISION, id=id, versions=versions, awaited=awaited, mark=MARK)


def tag_of_new(verdict: Verdict, *, organization: int, member: int) -> str:
    """The same, of a verdict that is just written; organization, member: the versions of these."""
    told = f"{REVISION}:{verdict.pk}:{organization},{member}"
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}{MARK}"'


def etag(model: type[Model], pk: UUID) -> str | None:
    """The strong entity tag of a document, quotes included; None where there is no such row."""
    with connection.cursor() as cursor:
        cursor.execute(OF_ONE.format(tag=tag_sql(model, "asked.id")), [pk])
        tag: str | None = cursor.fetchone()[0]
        return tag


def record_tag() -> str | None:
    """The weak entity tag of every list of the record; None where it has none just now."""
    with connection.cursor() as cursor:
        cursor.execute(OF_RECORD)
        tag: str | None = cursor.fetchone()[0]
        return tag


def record_modified() -> datetime | None:
    """When the record changed last; None where that is not certain just now."""
    with connection.cursor() as cursor:
        cursor.execute(MODIFIED)
        at: datetime | None = cursor.fetchone()[0]
        return at
