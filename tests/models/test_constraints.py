"""Every rule of the database is broken here, by plain SQL, and refuses by its own name."""

import hashlib
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import ForeignKey
from uuid_utils.compat import uuid7

from claims.models import Claim, Rating, RatingScale, Verdict
from claims.vocabulary import Outcome, Status, status_of
from tests import make
from tests.models.rows import (
    KINDS,
    NOON,
    Record,
    Row,
    check_now,
    content,
    insert,
    passage,
    refused_by,
    run,
    sound,
)


@dataclass(frozen=True)
class Case:
    """A sound row of `kind` with other columns, or plain SQL, that breaks `constraint`."""

    constraint: str
    what: str
    kind: str = ""
    row: Callable[[Record], Row] = lambda r: {}
    sql: str = ""
    values: Callable[[Record], list[Any]] = lambda r: []

    def __str__(self) -> str:
        return f"{self.constraint}: {self.what}"

    def attempt(self, r: Record, using: str = "default") -> None:
        if self.sql:
            run(self.sql, self.values(r), using)
        else:
            table, row = sound(r, self.kind, using)
            insert(table, row | self.row(r), using)


def case(constraint: str, what: str, kind: str, /, **row: Any) -> Case:
    """A row whose columns need nothing of the record."""
    return Case(constraint, what, kind, lambda r: row)


def rationale(text: str) -> Callable[[Record], Row]:
    return lambda r: {"rationale_id": r.content(text)}


def salted(text: str, salt: bytes) -> Row:
    plain = content(text)
    return plain | {"salt": salt, "sha256": hashlib.sha256(salt + text.encode()).digest()}


def rating(scale: RatingScale) -> Rating:
    """The one for "True"."""
    return scale.ratings.get(position=0)


def of_content(r: Record, held: Row) -> Row:
    return {
        "content_id": insert("content", held),
        "sha256": held["sha256"],
        "length": held["length"],
    }


ENTRY = {"number": 1, "entry": "{}", "leaf_hash": hashlib.sha256(b"\0{}").digest()}
LONG = "x" * 65_536


def entry(**more: Any) -> Callable[[Record], Row]:
    return lambda r: ENTRY | {"change_id": r.change.pk} | more


ARABIC_URL = "https://example.org/" + "ا" * 1900
NOW = datetime.now(UTC)

# Something befalls who confirms, in the braces: then a verdict is confirmed by them.
CONFIRMED = """
    {}; INSERT INTO claims_verdict (claim_id, organization_id, supersedes_id, outcome,
        rationale_id, issued_by_id, confirmed_by_id)
    SELECT claim_id, organization_id, id, 'verified', rationale_id, issued_by_id, %s
    FROM claims_verdict WHERE id = %s"""
USED_TWICE = """
    INSERT INTO claims_invitation (organization_id, role, digest, expires_at)
    VALUES (%s, 'reader', 'x', now());
    UPDATE claims_invitation SET accepted_at = now(), accepted_by_id = %s WHERE digest = 'x';
    UPDATE claims_invitation SET accepted_by_id = %s WHERE digest = 'x'"""

CASES = [
    # Names and words that have to be there
    case("publisher_has_name", "no name", "publisher", name=""),
    case("publisher_has_name", "blanks", "publisher", name=" \n"),
    case("speaker_has_name", "no name", "speaker", name=""),
    case("speaker_has_name", "blanks", "speaker", name="\t"),
    case("speaker_type_known", "an unknown type", "speaker", type="crowd"),
    case("organization_has_name", "no name", "organization", name=""),
    case("organization_has_name", "blanks", "organization", name="  "),
    Case(
        "organization_name_unique",
        "a name that is taken",
        "organization",
        lambda r: {"name": r.desk.organization.name},
    ),
    case("organization_external_site_is_a_host", "no host", "organization", external_site="a desk"),
    case("organization_external_site_is_a_host", "a word", "organization", external_site="misbar"),
    case("organization_external_site_is_a_host", "capitals", "organization", external_site="A.org"),
    case("organization_external_site_is_a_host", "a port", "organization", external_site="a.org:8"),
    Case(
        "organization_external_site_unique",
        "a site that is taken",
        "organization",
        lambda r: {"external_site": r.outsider.external_site},
    ),
    Case(
        "organization_keeps_its_site",
        "a desk becomes external",
        sql="UPDATE claims_organization SET external_site = 'a.org' WHERE id = %s",
        values=lambda r: [r.desk.organization.pk],
    ),
    Case(
        "organization_keeps_its_site",
        "an external one becomes a desk",
        sql="UPDATE claims_organization SET external_site = NULL WHERE id = %s",
        values=lambda r: [r.outsider.pk],
    ),
    Case(
        "member_belongs_to_a_desk",
        "of an external organization",
        "member",
        lambda r: {"organization_id": r.outsider.pk},
    ),
    Case(
        "member_keeps_its_organization",
        "goes to another desk",
        sql="UPDATE claims_member SET organization_id = %s WHERE id = %s",
        values=lambda r: [r.rivals.organization.pk, r.desk.checker.pk],
    ),
    case("member_has_name_until_erased", "no name", "member", name=""),
    case("member_has_name_until_erased", "blanks", "member", name=" "),
    case("member_has_name_until_erased", "none at all", "member", name=None),
    case("member_has_name_until_erased", "erased, with its name", "member", erased_at=NOON),
    case(
        "member_has_name_until_erased", "erased, and goes on", "member", name=None, erased_at=NOON
    ),
    Case(
        "member_has_name_until_erased",
        "erased, and somebody signs in as it",
        "member",
        lambda r: {"name": None, "erased_at": NOON, "ended_at": NOON, "user_id": r.user.pk},
    ),
    Case(
        "member_stays_erased",
        "comes back",
        sql="""
            UPDATE claims_member SET name = NULL, ended_at = now(), erased_at = now()
            WHERE id = %(id)s;
            UPDATE claims_member SET name = 'Again', erased_at = NULL WHERE id = %(id)s""",
        values=lambda r: {"id": r.desk.reader.pk},
    ),
    case("invitation_role_known", "an unknown role", "invitation", role="owner"),
    case(
        "invitation_is_accepted_by_somebody_or_revoked",
        "accepted by nobody",
        "invitation",
        accepted_at=NOON,
    ),
    Case(
        "invitation_is_accepted_by_somebody_or_revoked",
        "accepted and revoked",
        "invitation",
        lambda r: {
            "accepted_at": NOON,
            "accepted_by_id": r.desk.reader.pk,
            "revoked_at": NOON,
        },
    ),
    Case(
        "invitation_digest_unique",
        "the hash of another invitation",
        sql="""
            INSERT INTO claims_invitation (organization_id, role, digest, expires_at)
            VALUES (%s, 'reader', 'x', now()), (%s, 'reader', 'x', now())""",
        values=lambda r: [r.desk.organization.pk, r.rivals.organization.pk],
    ),
    Case(
        "invitation_ends_once",
        "accepted by another one after",
        sql=USED_TWICE,
        values=lambda r: [r.desk.organization.pk, r.desk.reader.pk, r.desk.checker.pk],
    ),
    Case(
        "claims_user_username_key",
        "the same username",
        sql="""
            INSERT INTO claims_user (username, password, first_name, last_name, email,
                is_superuser, is_staff, is_active, date_joined)
            VALUES ('layla', '', '', '', '', false, false, true, now()),
                   ('layla', '', '', '', '', false, false, true, now())""",
    ),
    Case(
        "user_name_unique",
        "another case",
        sql="""
            INSERT INTO claims_user (username, password, first_name, last_name, email,
                is_superuser, is_staff, is_active, date_joined)
            VALUES ('layla', '', '', '', '', false, false, true, now()),
                   ('LAYLA', '', '', '', '', false, false, true, now())""",
    ),
    Case(
        "user_email_unique",
        "another case",
        sql="""
            INSERT INTO claims_user (username, password, first_name, last_name, email,
                is_superuser, is_staff, is_active, date_joined)
            VALUES ('layla', '', '', '', 'a@example.org', false, false, true, now()),
                   ('noor', '', '', '', 'A@example.org', false, false, true, now())""",
    ),
    case("member_role_known", "an unknown role", "member", role="owner"),
    Case(
        "member_once_per_organization",
        "one user twice",
        sql="""
            INSERT INTO claims_member (organization_id, name, role, user_id)
            VALUES (%s, 'A', 'reader', %s), (%s, 'B', 'admin', %s)""",
        values=lambda r: [r.desk.organization.pk, r.user.pk] * 2,
    ),
    case("api_key_has_label", "no label", "apikey", label=""),
    case("api_key_has_label", "blanks", "apikey", label=" "),
    case("api_key_scopes_known", "no scope", "apikey", scopes="{}"),
    case("api_key_scopes_known", "an unknown scope", "apikey", scopes=["read", "admin"]),
    Case(
        "api_key_digest_unique",
        "the hash of another key",
        sql="""
            INSERT INTO claims_apikey (member_id, label, hint, digest, scopes)
            VALUES (%s, 'a', 'b', 'x', '{read}'), (%s, 'c', 'd', 'x', '{read}')""",
        values=lambda r: [r.desk.reader.pk, r.rivals.reader.pk],
    ),
    # Articles
    Case(
        "article_url_unique",
        "a long url twice",
        sql="""
            INSERT INTO claims_article (publisher_id, language, url)
            VALUES (%s, 'ar', %s), (%s, 'en', %s)""",
        values=lambda r: [r.publisher.pk, ARABIC_URL] * 2,
    ),
    case("article_headline_not_blank", "an empty headline", "article", headline=""),
    case("article_headline_not_blank", "blanks", "article", headline="  "),
    case("article_has_headline_or_url", "neither", "article", headline=None, url=None),
    case(
        "article_published_in_order",
        "ends before it begins",
        "article",
        published_from="2020-03-15",
        published_to="2020-03-14",
    ),
    # Contents and snapshots
    case(
        "content_hash_and_length_are_of_its_text",
        "another hash",
        "content",
        sha256=content("another text")["sha256"],
    ),
    case(
        "content_hash_and_length_are_of_its_text",
        "length in bytes, not in code points",
        "content",
        length=len("أعلن العراق".encode()),
    ),
    case(
        "content_hash_and_length_are_of_its_text",
        "the hash of a normalized text",
        "content",
        text="\u0623\u0639\u0644\u0646 \u0627\u0644\u0639\u0631\u0627\u0642 ",
    ),
    case("content_has_text_unless_erased", "both", "content", erased_at=NOW),
    case("content_begins_with_text", "no text", "content", text=None),
    case("content_begins_with_text", "erased from birth", "content", text=None, erased_at=NOW),
    case("content_salt_is_16_bytes", "a short salt", "content", **salted("أعلن", b"salt")),
    case("content_hash_and_length_are_of_its_text", "without its salt", "content", salt=b"0" * 16),
    Case(
        "snapshot_hash_is_plain",
        "the hash of salt and text",
        "snapshot",
        lambda r: of_content(r, salted("أعلن العراق", b"0" * 16)),
    ),
    case("snapshot_hash_is_32_bytes", "a short hash", "withheld", sha256=b"\0" * 31),
    case("claims_snapshot_length_check", "a negative length", "withheld", length=-1),
    case(
        "snapshot_describes_its_content",
        "the hash of another text",
        "snapshot",
        sha256=content("another text")["sha256"],
    ),
    case("snapshot_describes_its_content", "another length", "snapshot", length=1),
    Case(
        "snapshot_once_per_article",
        "the same text again",
        "snapshot",
        lambda r: {
            "content_id": r.snapshot.content_id,
            "sha256": r.snapshot.sha256,
            "length": r.snapshot.length,
        },
    ),
    # Claims
    case("claim_kind_known", "an unknown kind", "fact", kind="opinion"),
    case("claim_has_text", "no text", "fact", text=""),
    case("claim_has_text", "blanks", "fact", text=" \n\t "),
    case("claim_status_known", "an unknown status", "fact", status="true"),
    case("quotation_has_speaker", "no speaker", "statement", speaker_id=None),
    case("statement_alone_has_speech", "a statement without", "statement", speech=None),
    case("statement_alone_has_speech", "unknown speech", "statement", speech="shouted"),
    case("statement_alone_has_speech", "a fact with", "fact", speech="direct"),
    case("fact_has_subject", "no subject", "fact", subject=None),
    case("fact_has_subject", "a blank subject", "fact", subject=" "),
    case("fact_has_property", "no property", "fact", property=None),
    case("fact_has_property", "a blank property", "fact", property=""),
    case("fact_has_value", "no value", "fact", value=None),
    case("fact_has_value", "a blank value", "fact", value=" "),
    case("fact_has_value", "a quantity without value and range", "quantity", value=None),
    case("fact_has_value", "blanks for a range", "quantity", value=None, lower="", upper=" "),
    case("fact_value_type_known", "no type", "fact", value_type=None),
    case("fact_value_type_known", "an unknown type", "fact", value_type="number"),
    case("quantity_alone_has_unit_and_range", "a date with unit", "fact", unit="year"),
    case("quantity_alone_has_unit_and_range", "about a date", "fact", approximate=True),
    case("quantity_alone_has_unit_and_range", "a date from", "fact", lower="2017"),
    case("quantity_alone_has_unit_and_range", "a date to", "fact", upper="2018"),
    case("fact_alone_has_value", "a statement's subject", "statement", subject="Iraq"),
    case("fact_alone_has_value", "a statement's property", "statement", property="declared on"),
    case("fact_alone_has_value", "a statement's value", "statement", value="2017"),
    case("fact_alone_has_value", "a statement's value type", "statement", value_type="date"),
    Case(
        "claim_keeps_its_kind",
        "a fact becomes a statement",
        sql="""
            UPDATE claims_claim SET kind = 'statement', speech = 'direct', speaker_id = %s,
                subject = NULL, property = NULL, value = NULL, value_type = NULL
            WHERE id = %s""",
        values=lambda r: [r.speaker.pk, r.fact.pk],
    ),
    Case(
        "claim_keeps_its_kind",
        "another id",
        sql="UPDATE claims_claim SET id = %s WHERE id = %s",
        values=lambda r: [uuid7(), r.fact.pk],
    ),
    Case(
        "claim_fixed_once_judged",
        "other words",
        sql="UPDATE claims_claim SET text = 'Other words' WHERE id = %s",
        values=lambda r: [r.tip.claim_id],
    ),
    Case(
        "claim_fixed_once_judged",
        "other words after a withdrawal",
        sql="UPDATE claims_claim SET text = 'Other words' WHERE id = %s",
        values=lambda r: [r.withdrawal.claim_id],
    ),
    Case(
        "claim_status_follows_verdicts",
        "a status without a verdict",
        sql="UPDATE claims_claim SET status = 'verified' WHERE id = %s",
        values=lambda r: [r.fact.pk],
    ),
    Case(
        "claim_status_follows_verdicts",
        "the status of a superseded verdict",
        sql="UPDATE claims_claim SET status = 'disputed' WHERE id = %s",
        values=lambda r: [r.tip.claim_id],
    ),
    Case(
        "claim_status_follows_verdicts",
        "a verdict that leaves the status behind",
        "verdict",
        lambda r: {"outcome": "disputed"},
    ),
    Case(
        "claim_status_follows_verdicts",
        "the first verdict leaves the claim unverified",
        "verdict",
        lambda r: {"claim_id": r.fact.pk, "supersedes_id": None},
    ),
    case("claim_status_follows_verdicts", "verified from birth", "fact", status="verified"),
    Case(
        "claim_keeps_its_time",
        "filed earlier",
        sql="UPDATE claims_claim SET created_at = created_at - interval '1 day' WHERE id = %s",
        values=lambda r: [r.fact.pk],
    ),
    # What statements assert
    Case(
        "assertion_once",
        "twice",
        sql="INSERT INTO claims_assertion (statement_id, fact_id) VALUES (%s, %s), (%s, %s)",
        values=lambda r: [r.statement.pk, r.fact.pk] * 2,
    ),
    Case(
        "assertion_joins_statement_to_fact",
        "a fact asserts",
        "assertion",
        lambda r: {"statement_id": r.other_fact.pk},
    ),
    Case(
        "assertion_joins_statement_to_fact",
        "a statement is asserted",
        "assertion",
        lambda r: {"fact_id": r.statement.pk},
    ),
    # Appearances: outside of the snapshot, or not what it says
    Case(
        "appearance_position_unique",
        "a position that is taken",
        "appearance",
        lambda r: {"claim_id": r.marked.pk},
    ),
    case("appearance_passage_needs_snapshot", "words of nothing", "mention", exact="words"),
    case("appearance_passage_needs_snapshot", "before nothing", "mention", suffix="after"),
    case("appearance_passage_needs_snapshot", "after nothing", "mention", prefix="before"),
    case("appearance_passage_needs_snapshot", "offsets of nothing", "mention", start=0, end=5),
    case(
        "appearance_passage_needs_snapshot",
        "a snapshot without words",
        "unchecked",
        exact=None,
        start=None,
        end=None,
    ),
    case(
        "appearance_passage_not_blank",
        "blanks",
        "unchecked",
        exact=" \n ",
        start=0,
        end=3,
    ),
    case("appearance_offsets_in_order", "checked against nothing", "mention", checked=True),
    case("appearance_offsets_in_order", "end before start", "unchecked", start=20, end=10),
    case("appearance_offsets_in_order", "nothing between them", "unchecked", start=20, end=20),
    case("appearance_offsets_in_order", "a start alone", "unchecked", end=None),
    case("appearance_offsets_in_order", "an end alone", "unchecked", start=None),
    case(
        "claims_appearance_start_check",
        "before the text",
        "unchecked",
        start=-13,
        end=0,
    ),
    case(
        "appearance_passage_is_as_long_as_its_offsets",
        "other length than the words",
        "unchecked",
        exact="victory",
    ),
    case(
        "appearance_inside_snapshot",
        "past the end of a withheld text",
        "unchecked",
        start=len(make.TEXT) - 12,
        end=len(make.TEXT) + 1,
    ),
    case(
        "appearance_inside_snapshot",
        "past the end of a stored text",
        "appearance",
        start=len(make.TEXT) - 12,
        end=len(make.TEXT) + 1,
    ),
    case("appearance_says_what_snapshot_says", "other words", "appearance", exact="Victory again"),
    case(
        "appearance_says_what_snapshot_says",
        "no offsets though the text is stored",
        "appearance",
        start=None,
        end=None,
        checked=False,
    ),
    Case(
        "appearance_says_what_snapshot_says",
        "offsets in bytes",
        "appearance",
        lambda r: {
            "exact": "Iraq",
            "start": (start := make.TEXT.encode().index(b"Iraq")),
            "end": start + 4,
        },
    ),
    case("appearance_checked_against_text", "not checked", "appearance", checked=False),
    case("appearance_checked_against_text", "checked though withheld", "unchecked", checked=True),
    Case(
        "appearance_snapshot_is_of_its_article",
        "a snapshot of another article",
        "appearance",
        lambda r: passage(r.snapshot) | {"article_id": r.other_snapshot.article_id},
    ),
    case("appearance_after_claim_and_article", "of no claim", "mention", claim_id=uuid4()),
    case("appearance_after_claim_and_article", "in no article", "mention", article_id=uuid4()),
    Case(
        "relay_position_unique",
        "two links in one place",
        sql="""
            INSERT INTO claims_relay (appearance_id, position, speaker_id)
            VALUES (%s, 0, %s), (%s, 0, %s)""",
        values=lambda r: [r.appearance.pk, r.speaker.pk, r.appearance.pk, r.other_speaker.pk],
    ),
    Case(
        "relay_speaker_once",
        "one speaker twice",
        sql="""
            INSERT INTO claims_relay (appearance_id, position, speaker_id)
            VALUES (%s, 0, %s), (%s, 1, %s)""",
        values=lambda r: [r.appearance.pk, r.speaker.pk] * 2,
    ),
    case("anchor_state_known", "an unknown state", "anchor", state="near", start=None, end=None),
    case("anchor_found_has_offsets", "found nowhere", "anchor", start=None, end=None),
    case("anchor_found_has_offsets", "found without end", "anchor", end=None),
    case("anchor_found_has_offsets", "found without start", "anchor", start=None),
    case("anchor_found_has_offsets", "end before start", "anchor", start=8, end=3),
    case("anchor_found_has_offsets", "lost and found", "anchor", state="lost"),
    case("anchor_found_has_offsets", "unchecked and found", "anchor", state="unchecked"),
    case("anchor_inside_snapshot", "past the end", "anchor", end=len(make.TEXT) + 1),
    case("claims_anchor_start_check", "before the text", "anchor", start=-1),
    Case(
        "anchor_snapshot_is_of_its_article",
        "a snapshot of another article",
        "anchor",
        lambda r: {"snapshot_id": r.other_snapshot.pk},
    ),
    Case(
        "anchor_once_per_snapshot",
        "one snapshot twice",
        "anchor",
        lambda r: {"snapshot_id": r.later.pk},
    ),
    case("anchor_position_unique", "two in one place", "anchor", position=0),
    # Verdicts: one chain for each organization and claim
    case("verdict_outcome_known", "an unknown outcome", "verdict", outcome="true"),
    Case("verdict_has_rationale", "an empty one", "verdict", rationale("")),
    Case("verdict_has_rationale", "blanks", "verdict", rationale(" \n\t")),
    case("verdict_has_rationale", "an unknown one", "verdict", rationale_id=uuid4()),
    Case(
        "verdict_chain_has_one_root",
        "a second root",
        "verdict",
        lambda r: {"supersedes_id": None},
    ),
    Case(
        "verdict_chain_has_one_root",
        "a new root after a withdrawal",
        "verdict",
        lambda r: {"claim_id": r.withdrawal.claim_id, "supersedes_id": None},
    ),
    Case(
        "verdict_superseded_once",
        "a fork",
        "verdict",
        lambda r: {"supersedes_id": r.first.pk},
    ),
    Case(
        "verdict_supersedes_its_own_chain",
        "of another claim",
        "verdict",
        lambda r: {"supersedes_id": r.withdrawal.pk},
    ),
    Case(
        "verdict_supersedes_its_own_chain",
        "of another organization",
        "verdict",
        lambda r: {
            "organization_id": r.rivals.organization.pk,
            "issued_by_id": r.rivals.checker.pk,
        },
    ),
    Case(
        "verdict_supersedes_an_earlier_one",
        "itself",
        "verdict",
        lambda r: dict.fromkeys(("id", "supersedes_id"), uuid7()),
    ),
    case("verdict_supersedes_an_earlier_one", "nothing known", "verdict", supersedes_id=uuid4()),
    Case(
        "verdict_supersedes_an_earlier_one",
        "two each other",
        sql="""
            INSERT INTO claims_verdict
                (id, supersedes_id, claim_id, organization_id, outcome, rationale_id)
            SELECT mine, other, claim_id, organization_id, outcome, rationale_id
            FROM claims_verdict, (VALUES (%s, %s), (%s, %s)) AS circle (mine, other)
            WHERE id = %s""",
        values=lambda r: [a := uuid7(), b := uuid7(), b, a, r.tip.pk],
    ),
    Case(
        "verdict_issued_by_its_own_member",
        "a member of another organization",
        "verdict",
        lambda r: {"issued_by_id": r.rivals.checker.pk},
    ),
    Case(
        "verdict_confirmed_by_another",
        "by who issued it",
        "verdict",
        lambda r: {"confirmed_by_id": r.desk.checker.pk},
    ),
    Case(
        "verdict_confirmed_by_its_own_member",
        "a member of another organization",
        "verdict",
        lambda r: {"confirmed_by_id": r.rivals.checker.pk},
    ),
    Case(
        "verdict_confirmed_by_its_own_member",
        "a member who has left",
        sql=CONFIRMED.format("UPDATE claims_member SET ended_at = now() WHERE id = %s"),
        values=lambda r: [r.desk.editor.pk, r.desk.editor.pk, r.tip.pk],
    ),
    Case(
        "verdict_confirmed_by_its_own_member",
        "a member who is a reader by now",
        sql=CONFIRMED.format("UPDATE claims_member SET role = 'reader' WHERE id = %s"),
        values=lambda r: [r.desk.editor.pk, r.desk.editor.pk, r.tip.pk],
    ),
    Case(
        "verdict_confirmed_by_an_editor",
        "a checker, where an editor confirms",
        sql=CONFIRMED.format(
            "WITH strict AS (UPDATE claims_organization SET review_policy = 'editor' WHERE id = %s)"
            " UPDATE claims_member SET role = 'checker' WHERE id = %s"
        ),
        values=lambda r: [
            *(r.desk.organization.pk, r.desk.editor.pk),
            *(r.desk.editor.pk, r.tip.pk),
        ],
    ),
    Case(
        "verdict_follows_review_policy",
        "by nobody, where it has to be confirmed",
        sql="""
            WITH strict AS (
                UPDATE claims_organization SET review_policy = 'editor' WHERE id = %s)
            SELECT 1; INSERT INTO claims_verdict (claim_id, organization_id, supersedes_id, outcome,
                rationale_id, issued_by_id)
            SELECT claim_id, organization_id, id, 'verified', rationale_id, issued_by_id
            FROM claims_verdict WHERE id = %s""",
        values=lambda r: [r.desk.organization.pk, r.tip.pk],
    ),
    case("organization_review_policy_known", "none", "organization", review_policy="third"),
    case("draft_state_known", "none", "draft", state="new"),
    case("draft_outcome_known", "none", "draft", outcome="true"),
    case("draft_is_confirmed_by_its_verdict", "by none", "draft", state="confirmed"),
    Case(
        "draft_is_confirmed_by_its_verdict",
        "has one, but is open",
        "draft",
        lambda r: {"verdict_id": r.tip.pk},
    ),
    case("draft_has_author", "by nobody", "draft", created_by_id=None),
    Case(
        "draft_by_its_own_member",
        "a member of another organization",
        "draft",
        lambda r: {"created_by_id": r.rivals.checker.pk},
    ),
    Case(
        "draft_alive_once",
        "a second one",
        "draft",
        lambda r: {"claim_id": r.draft.claim_id, "state": "returned"},
    ),
    Case(
        "draft_stays_whose_it_is",
        "another claim",
        sql="UPDATE claims_draft SET claim_id = %s WHERE id = %s",
        values=lambda r: [r.fact.pk, r.draft.pk],
    ),
    Case(
        "draft_stays_closed",
        "opened again",
        sql="""
            UPDATE claims_draft SET state = 'withdrawn' WHERE id = %s;
            UPDATE claims_draft SET state = 'open' WHERE id = %s""",
        values=lambda r: [r.draft.pk] * 2,
    ),
    case("draft_step_type_known", "none", "draftstep", type="read"),
    Case(
        "draft_step_position_unique",
        "twice",
        sql="""
            INSERT INTO claims_draftstep (draft_id, position, type, taken_by_id)
            SELECT d.id, 0, 'edited', d.created_by_id
            FROM claims_draft d, generate_series(1, 2) WHERE d.id = %s""",
        values=lambda r: [r.draft.pk],
    ),
    case("draft_returned_with_reasons", "without", "draftstep", type="returned"),
    case("scale_version_from_1", "before the first", "ratingscale", version=0),
    case("scale_version_follows", "one left out", "ratingscale", version=3),
    Case(
        "scale_version_unique",
        "a second one",
        "ratingscale",
        lambda r: {"organization_id": r.desk.organization.pk, "version": r.scale.version},
    ),
    Case(
        "scale_belongs_to_a_desk",
        "of an external organization",
        "ratingscale",
        lambda r: {"organization_id": r.outsider.pk},
    ),
    Case(
        "scale_changed_by_its_own_member",
        "by another's member",
        "ratingscale",
        lambda r: {"created_by_id": r.desk.editor.pk},
    ),
    case("scale_is_whole", "with ratings to come", "ratingscale", size=1),
    case("rating_position_unique", "the same place", "rating again", labels='{"en": "Half"}'),
    case("rating_has_its_place", "beyond its size", "rating", position=1),
    case("rating_outcome_known", "a withdrawal", "rating", outcome="withdrawn"),
    case("rating_numbers_all_or_none", "one of three", "rating", worst=1),
    case("rating_value_from_worst_to_best", "above", "rating", worst=1, best=5, value=6),
    case("rating_value_from_worst_to_best", "no width", "rating", worst=5, best=5, value=5),
    case("rating_labels_are_words", "none", "rating", labels="{}"),
    case("rating_labels_are_words", "no object", "rating", labels="[]"),
    case("rating_labels_are_words", "a number", "rating", labels='{"en": 1}'),
    case("rating_labels_are_words", "blank", "rating", labels='{"en": " "}'),
    case("rating_labels_are_words", "81 letters", "rating", labels='{"en": "%s"}' % (81 * "x")),
    case("rating_label_of_one_alone", "that of another", "rating again", position=1),
    Case(
        "verdict_is_as_rated",
        "on the scale of another desk",
        "verdict",
        lambda r: {"rating_id": rating(r.foreign_scale).pk, "label": "True"},
    ),
    Case(
        "verdict_is_as_rated",
        "another label",
        "verdict",
        lambda r: {"rating_id": rating(r.scale).pk, "label": "Else"},
    ),
    Case(
        "verdict_is_as_rated",
        "another outcome",
        "verdict",
        lambda r: {"rating_id": rating(r.scale).pk, "label": "True", "outcome": "disputed"},
    ),
    case(
        "withdrawal_is_never_due",
        "it is",
        "verdict",
        outcome="withdrawn",
        recheck_on="2020-03-14",
    ),
    case("relation_known", "an unknown word", "relation", relation="alike"),
    Case(
        "relation_of_two_claims",
        "of one claim",
        "relation",
        lambda r: {"claim_id": r.fact.pk, "other_id": r.fact.pk, "supersedes_id": None},
    ),
    case("relation_score_between_0_and_1", "above 1", "relation", score="1.01"),
    case("relation_score_between_0_and_1", "below 0", "relation", score="-0.01"),
    case("relation_chain_has_one_root", "a second root", "relation", supersedes_id=None),
    Case(
        "relation_superseded_once",
        "a fork",
        sql="""
            INSERT INTO claims_relation (claim_id, other_id, relation, reasons, organization_id,
                                         supersedes_id)
            SELECT claim_id, other_id, 'updates', '[]', organization_id, id
            FROM claims_relation, generate_series(1, 2) WHERE id = %s""",
        values=lambda r: [r.decision.pk],
    ),
    Case(
        "relation_supersedes_its_own_chain",
        "of another pair",
        "relation",
        lambda r: {"other_id": r.judged.pk},
    ),
    Case(
        "relation_supersedes_its_own_chain",
        "of another organization",
        "relation",
        lambda r: {
            "organization_id": r.rivals.organization.pk,
            "decided_by_id": r.rivals.checker.pk,
        },
    ),
    Case(
        "relation_supersedes_its_own_chain",
        "itself",
        "relation",
        lambda r: dict.fromkeys(("id", "supersedes_id"), uuid7()),
    ),
    Case(
        "relation_decided_by_its_own_member",
        "a member of another organization",
        "relation",
        lambda r: {"decided_by_id": r.rivals.checker.pk},
    ),
    Case(
        "relation_withdrawal_supersedes_something",
        "of nothing",
        "relation",
        lambda r: {"other_id": r.judged.pk, "supersedes_id": None, "relation": "withdrawn"},
    ),
    Case(
        "withdrawal_of_standing_relation",
        "withdrawn twice",
        sql="""
            WITH first AS (
                SELECT claim_id, other_id, organization_id, id FROM claims_relation WHERE id = %s
            ), second AS (
                INSERT INTO claims_relation (claim_id, other_id, relation, reasons,
                                             organization_id, supersedes_id)
                SELECT claim_id, other_id, 'withdrawn', '[]', organization_id, id FROM first
                RETURNING *
            )
            INSERT INTO claims_relation (claim_id, other_id, relation, reasons, organization_id,
                                         supersedes_id)
            SELECT claim_id, other_id, 'withdrawn', '[]', organization_id, id FROM second""",
        values=lambda r: [r.decision.pk],
    ),
    case("extent_ends_after_its_beginning", "nothing between them", "extent", low=2),
    Case(
        "withdrawal_supersedes_something",
        "of nothing",
        "verdict",
        lambda r: {"claim_id": r.fact.pk, "supersedes_id": None, "outcome": "withdrawn"},
    ),
    Case(
        "withdrawal_of_standing_verdict",
        "of what is withdrawn",
        "verdict",
        lambda r: {
            "supersedes_id": r.withdrawal.pk,
            "claim_id": r.withdrawn.pk,
            "outcome": "withdrawn",
        },
    ),
    case("evidence_has_url", "no url", "evidence", url=""),
    case("evidence_has_url", "blanks", "evidence", url=" "),
    case("evidence_stance_known", "an unknown stance", "evidence", stance="proves"),
    case("evidence_derived_from_earlier", "of itself", "evidence", position=1, derived_from=1),
    case("evidence_derived_from_earlier", "of a later", "evidence", position=1, derived_from=2),
    case(
        "evidence_derived_from_its_own_verdict",
        "of none that there is",
        "evidence",
        position=1,
        derived_from=0,
    ),
    Case(
        "evidence_position_unique",
        "two in one place",
        sql="""
            INSERT INTO claims_evidence (verdict_id, position, url, stance)
            VALUES (%s, 0, 'https://a.test/', 'context'), (%s, 0, 'https://b.test/', 'context')
        """,
        values=lambda r: [r.tip.pk] * 2,
    ),
    # What happened, and housekeeping
    Case(
        "counted_once",
        "a second count",
        sql="INSERT INTO claims_counted (id, number, ahead, edition) "
        "VALUES (2, 0, 0, gen_random_uuid())",
    ),
    Case(
        "numeral_unique",
        "one language twice",
        sql="INSERT INTO claims_numeral (kind, number, name) "
        "VALUES ('language', 0, 'ar'), ('language', 1, 'ar')",
    ),
    Case(
        "segment_unique",
        "two that begin with one claim",
        sql="""
            INSERT INTO claims_segment (first_at, first_id)
            SELECT '2020-03-14', '00000000-0000-0000-0000-000000000001'
            FROM generate_series(1, 2)""",
    ),
    case("change_type_known", "an unknown type", "change", type="claim.deleted"),
    Case(
        "idempotency_key_unique",
        "one key of one member twice",
        sql="""
            INSERT INTO claims_idempotencykey
                (member_id, key, request_digest, status, headers, body)
            SELECT %s, 'once', 'x', 201, '{}', '' FROM generate_series(1, 2)""",
        values=lambda r: [r.desk.checker.pk],
    ),
    Case(
        "dossier_entry_unique",
        "of nobody, twice",
        sql="""
            INSERT INTO claims_dossierentry (namespace, kind, key, subject_id, digest)
            SELECT 'example.org', 'claim', 'one', gen_random_uuid(), 'x'
            FROM generate_series(1, 2)""",
    ),
    Case(
        "dossier_entry_unique",
        "of one organization, twice",
        sql="""
            INSERT INTO claims_dossierentry
                (namespace, kind, key, organization_id, subject_id, digest)
            SELECT 'example.org', 'verdict', 'one/0', %s, gen_random_uuid(), 'x'
            FROM generate_series(1, 2)""",
        values=lambda r: [r.desk.organization.pk],
    ),
]

LOG = [
    Case("log_starts_at_one", "number 0", "logentry", entry(number=0)),
    Case("log_has_no_gaps", "the second before the first", "logentry", entry(number=2)),
    Case(
        "log_leaf_hash_is_of_its_entry",
        "the hash of another entry",
        "logentry",
        entry(entry='{"number": 1}'),
    ),
    Case(
        "log_entry_fits_a_bundle",
        "one byte too long",
        "logentry",
        entry(entry=LONG, leaf_hash=hashlib.sha256(b"\0" + LONG.encode()).digest()),
    ),
    case("tile_is_full", "255 hashes", "tile", hashes=b"\0" * 8160),
    case("tile_is_full", "a short root", "tile", root=b"\0" * 31),
    case("checkpoint_is_of_the_log", "of more than there is", "checkpoint", size=10),
    Case(
        "log_key_unique",
        "one key twice",
        sql="INSERT INTO claims_logkey (verifier) VALUES ('a+b+c'), ('a+b+c')",
    ),
]
CASES += LOG

WEBHOOKS = [
    case("webhook_has_url", "none", "webhook", url=""),
    case("webhook_has_url", "of another scheme", "webhook", url="ftp://example.org/"),
    case("webhook_types_known", "an unknown type", "webhook", types=["claim.deleted"]),
    case("webhook_status_known", "an unknown status", "webhook", status="true"),
    case("webhook_pause_has_its_reason", "no reason", "webhook", paused_at=NOW),
    case("webhook_pause_has_its_reason", "no time", "webhook", pause_reason="owner"),
    case(
        "webhook_pause_has_its_reason",
        "an unknown one",
        "webhook",
        paused_at=NOW,
        pause_reason="mood",
    ),
    case("webhook_previous_secret_ends", "never", "webhook", previous_secret=b"sealed"),
    case("webhook_previous_secret_ends", "without being", "webhook", previous_secret_ends_at=NOW),
    Case(
        "delivery_once_per_number",
        "one number twice",
        sql="""
            INSERT INTO claims_delivery (webhook_id, number, state, next_attempt_at)
            SELECT %s, 1, 'pending', now() FROM generate_series(1, 2)""",
        values=lambda r: [r.webhook.pk],
    ),
    case("delivery_waits_while_pending", "for ever", "delivery", next_attempt_at=None),
    case("delivery_waits_while_pending", "though delivered", "delivery", state="delivered"),
    case("delivery_waits_while_pending", "in an unknown state", "delivery", state="lost"),
    case(
        "delivery_waits_while_pending",
        "leased though parked",
        "delivery",
        state="parked",
        next_attempt_at=None,
        lease_token=uuid4(),
        lease_ends_at=NOW,
    ),
    case("delivery_lease_ends", "never", "delivery", lease_token=uuid4()),
    case("delivery_lease_ends", "without being", "delivery", lease_ends_at=NOW),
    Case(
        "attempt_ordinal_unique",
        "two first ones",
        sql="""
            INSERT INTO claims_attempt (delivery_id, ordinal, started_at, duration_ms, status)
            SELECT %s, 1, now(), 1, 200 FROM generate_series(1, 2)""",
        values=lambda r: [r.delivery.pk],
    ),
    case("attempt_has_status_or_error", "neither", "attempt", status=None, answer_head=None),
    case("attempt_has_status_or_error", "both", "attempt", error="timed_out"),
    case(
        "attempt_has_status_or_error",
        "an answer of nobody",
        "attempt",
        status=None,
        error="timed_out",
    ),
    case(
        "attempt_has_status_or_error",
        "an unknown error",
        "attempt",
        status=None,
        answer_head=None,
        error="bad luck",
    ),
    case("attempt_answer_is_short", "one character too long", "attempt", answer_head="x" * 4097),
]
CASES += WEBHOOKS

RESOLVED = "resolved_at = now(), resolved_by_id = %s"
CONTESTS = [
    case("contest_party_known", "an unknown one", "contest", party="friend"),
    case("contest_reason_known", "an unknown one", "contest", reason="because"),
    Case(
        "contest_begins_open",
        "decided at once",
        "contest",
        lambda r: {"state": "upheld", "resolved_at": NOW, "resolved_by_id": r.desk.checker.pk},
    ),
    Case(
        "contest_state_known",
        "an unknown one",
        sql=f"UPDATE claims_contest SET state = 'closed', {RESOLVED} WHERE id = %s",
        values=lambda r: [r.desk.checker.pk, r.contest.pk],
    ),
    Case(
        "contest_is_resolved_by_somebody",
        "open though answered",
        sql="UPDATE claims_contest SET answer_id = statement_id WHERE id = %s",
        values=lambda r: [r.contest.pk],
    ),
    Case(
        "contest_is_resolved_by_somebody",
        "by nobody",
        sql="""
            UPDATE claims_contest
            SET state = 'upheld', answer_id = statement_id, resolved_at = now() WHERE id = %s""",
        values=lambda r: [r.contest.pk],
    ),
    Case(
        "contest_is_corrected_by_a_verdict",
        "by none",
        sql=f"UPDATE claims_contest SET state = 'corrected', {RESOLVED} WHERE id = %s",
        values=lambda r: [r.desk.checker.pk, r.contest.pk],
    ),
    Case(
        "contest_is_decided_with_an_answer",
        "without",
        sql=f"UPDATE claims_contest SET state = 'rejected', {RESOLVED} WHERE id = %s",
        values=lambda r: [r.desk.checker.pk, r.contest.pk],
    ),
    Case(
        "contest_of_what_stands",
        "of what was superseded",
        "contest",
        lambda r: {"verdict_id": r.tip and r.first.pk},
    ),
    Case(
        "contest_of_what_stands",
        "of an external organization",
        "contest",
        lambda r: {"organization_id": r.outsider.pk},
    ),
    Case(
        "contest_of_a_verdict_of_its_organization",
        "of another claim",
        "contest",
        lambda r: {"claim_id": r.fact.pk},
    ),
    Case(
        "contest_corrected_by_its_organization",
        "by the verdict on another claim",
        sql=f"""
            UPDATE claims_contest SET state = 'corrected', {RESOLVED},
                correction_id = %s, filed_at = filed_at WHERE id = %s""",
        values=lambda r: [r.desk.checker.pk, r.contest and r.tip.pk, r.contest.pk],
    ),
    Case(
        "contest_is_corrected_later",
        "by itself",
        sql=f"""
            UPDATE claims_contest SET state = 'corrected', {RESOLVED}, correction_id = verdict_id
            WHERE id = %s""",
        values=lambda r: [r.desk.checker.pk, r.contest.pk],
    ),
    Case(
        "contest_resolved_by_its_own_member",
        "by a rival",
        sql=f"""
            UPDATE claims_contest SET state = 'upheld', answer_id = statement_id, {RESOLVED}
            WHERE id = %s""",
        values=lambda r: [r.rivals.checker.pk, r.contest.pk],
    ),
    Case(
        "contest_stays_resolved",
        "open once more",
        sql="UPDATE claims_contest SET state = 'open' WHERE id = %s",
        values=lambda r: [r.upheld.pk],
    ),
    Case(
        "contest_stays_as_filed",
        "by somebody else",
        sql="UPDATE claims_contest SET party = 'speaker' WHERE id = %s",
        values=lambda r: [r.contest.pk],
    ),
]
CASES += CONTESTS

DESK = [
    case("queue_item_priority_known", "an unknown one", "queueitem", priority="soon"),
    case("queue_item_asked_for_by_somebody", "by nobody", "queueitem", requests=0),
    case("queue_item_assigned_at_a_time", "never", "queueitem", assigned_at=None),
    case("queue_item_assigned_at_a_time", "to nobody", "queueitem", assignee_id=None),
    Case(
        "queue_item_closed_by_its_verdict",
        "open though judged",
        "queueitem",
        lambda r: {"claim_id": r.judged.pk, "verdict_id": r.tip.pk},
    ),
    Case(
        "queue_item_once_while_open",
        "twice",
        "queueitem",
        lambda r: {"claim_id": r.item.claim_id},
    ),
    Case(
        "queue_item_assignee_is_its_own_member",
        "a rival",
        "queueitem",
        lambda r: {"assignee_id": r.rivals.checker.pk},
    ),
    Case(
        "queue_item_created_by_its_own_member",
        "a rival",
        "queueitem",
        lambda r: {"created_by_id": r.rivals.checker.pk},
    ),
    Case(
        "queue_item_done_by_its_own_verdict",
        "by the verdict on another claim",
        "queueitem",
        lambda r: {"verdict_id": r.tip.pk, "closed_at": NOW},
    ),
    Case(
        "queue_item_stays_closed",
        "open once more",
        sql="UPDATE claims_queueitem SET closed_at = NULL WHERE id = %s",
        values=lambda r: [r.done.pk],
    ),
    case("queue_move_known", "an unknown one", "queuemove", type="lost"),
    Case(
        "queue_move_asked_once",
        "asked twice",
        "queuemove",
        lambda r: {"moved_by_id": r.desk.checker.pk},
    ),
    Case(
        "note_created_by_its_own_member",
        "a rival",
        "note",
        lambda r: {"created_by_id": r.rivals.checker.pk},
    ),
    Case(
        "note_mention_of_a_colleague",
        "a rival",
        "notemention",
        lambda r: {"member_id": r.rivals.checker.pk},
    ),
    Case(
        "note_mention_once",
        "twice",
        sql="""
            INSERT INTO claims_notemention (note_id, position, member_id)
            SELECT %s, n, %s FROM generate_series(1, 2) AS n""",
        values=lambda r: [r.note.pk, r.desk.editor.pk],
    ),
    Case(
        "note_mention_position_unique",
        "two in one place",
        sql="""
            INSERT INTO claims_notemention (note_id, position, member_id)
            VALUES (%(note)s, 0, %(one)s), (%(note)s, 0, %(other)s)""",
        values=lambda r: {
            "note": r.note.pk,
            "one": r.desk.editor.pk,
            "other": r.desk.admin.pk,
        },
    ),
]
CASES += DESK

ADD_TWICE = """
    INSERT INTO claims_notice (member_id, kind, {column}, next_attempt_at)
    SELECT %s, '{kind}', {value}, now() FROM generate_series(1, 2)"""
NOTICES = [
    case("notice_says_what_it_is_about", "nothing", "notice", note_id=None),
    case("notice_says_what_it_is_about", "an unknown kind", "notice", kind="gossip"),
    Case(
        "notice_says_what_it_is_about",
        "two things",
        "notice",
        lambda r: {"item_id": r.item.pk},
    ),
    case("notice_waits_while_pending", "for ever", "notice", next_attempt_at=None),
    case("notice_waits_while_pending", "when it was sent", "notice", state="sent", settled_at=NOON),
    case("notice_lease_ends", "never", "notice", lease_token=UUID(int=1)),
    case(
        "notice_unsent_for_a_reason",
        "for none",
        "notice",
        state="dropped",
        settled_at=NOON,
        next_attempt_at=None,
    ),
    Case(
        "notice_overdue_once",
        "twice",
        sql=ADD_TWICE.format(column="due_at, item_id", kind="overdue", value="now(), %s"),
        values=lambda r: [r.desk.checker.pk, r.item.pk],
    ),
    Case(
        "notice_digest_once_a_day",
        "twice",
        sql=ADD_TWICE.format(column="day", kind="digest", value="'2026-01-01'::date"),
        values=lambda r: [r.desk.checker.pk],
    ),
    case("notice_language_known", "none of ours", "noticesettings", language="fr"),
    case("notice_hour_is_of_the_clock", "too late", "noticesettings", digest_hour=24),
    case("notice_kinds_known", "an unknown one", "noticesettings", off=["gossip"]),
]
CASES += NOTICES

# They name what a foreign key points at; the primary key implies them, so nothing can break them.
TARGETS = {"content_identity", "snapshot_identity", "verdict_identity", "member_identity"}
# Tested in test_append_only.py.
APPEND_ONLY = re.compile(r"(\w+)_(append_only|never_deleted|never_truncated)|content_only_erased")
# Trigger → what it refuses by.
TRIGGERS = {
    "invitation_ends_once": {"invitation_ends_once"},
    "member_stays_erased": {"member_stays_erased"},
    "appearance_lies_in_snapshot": {
        "appearance_inside_snapshot",
        "appearance_says_what_snapshot_says",
        "appearance_checked_against_text",
    },
    "anchor_lies_in_snapshot": {"anchor_snapshot_is_of_its_article", "anchor_inside_snapshot"},
    "assertion_joins_statement_to_fact": {"assertion_joins_statement_to_fact"},
    "verdict_is_sound": {
        "verdict_supersedes_an_earlier_one",
        "withdrawal_of_standing_verdict",
        "verdict_has_rationale",
    },
    "verdict_issued_by_its_own_member": {"verdict_issued_by_its_own_member"},
    "verdict_follows_review_policy": {
        "verdict_follows_review_policy",
        "verdict_confirmed_by_its_own_member",
        "verdict_confirmed_by_an_editor",
    },
    "contest_is_sound": {"contest_begins_open", "contest_of_what_stands"},
    "contest_stays": {"contest_stays_resolved", "contest_stays_as_filed"},
    "contest_is_corrected_later": {"contest_is_corrected_later"},
    # They refuse nothing, but keep the list of corrections (test_contests.py).
    "verdict_corrects": set(),
    "contest_corrects": set(),
    "draft_by_its_own_member": {"draft_by_its_own_member"},
    "draft_stays": {"draft_stays_closed", "draft_stays_whose_it_is"},
    "organization_keeps_its_site": {"organization_keeps_its_site"},
    "member_belongs_to_a_desk": {"member_belongs_to_a_desk"},
    "member_keeps_its_organization": {"member_keeps_its_organization"},
    "claim_fixed_once_judged": {"claim_keeps_its_kind", "claim_fixed_once_judged"},
    "claim_status_follows_verdicts": {"claim_status_follows_verdicts"},
    "claim_starts_by_the_rule": {"claim_status_follows_verdicts"},
    "content_begins_with_text": {"content_begins_with_text"},
    "claim_keeps_its_time": {"claim_keeps_its_time"},
    "snapshot_hash_is_plain": {"snapshot_hash_is_plain"},
    "scale_is_sound": {"scale_belongs_to_a_desk", "scale_version_follows"},
    "scale_is_whole": {"scale_is_whole"},
    "rating_is_sound": {
        "rating_has_its_place",
        "rating_labels_are_words",
        "rating_label_of_one_alone",
    },
    "verdict_is_as_rated": {"verdict_is_as_rated"},
    "verdict_is_due": set(),  # it keeps the list of what is overdue (test_overdue.py)
    # It refuses nothing, but has every Change wait for its number.
    "change_waits": set(),
    # They refuse nothing, but keep copies for lists (test_listing.py).
    "appearance_is_placed": {"appearance_after_claim_and_article"},
    "placements_follow_article": set(),
    "verdict_knows_its_claim": set(),
    "claims_are_listed": set(),
    "listings_follow_claim": set(),
    "claim_is_listed_under_who_judges": set(),
    "claim_is_listed_under_publisher": set(),
    "listings_follow_publisher": set(),
    # The same for search (tests/models/test_wording.py).
    "claim_is_worded": set(),
    "wording_follows_claim": set(),
    "wording_follows_verdict": set(),
    "wording_follows_placement": set(),
    "wording_follows_content": set(),
    "articles_are_worded": set(),
    "wordings_follow_article": set(),
    "speaker_is_named": set(),
    "queue_item_stays_closed": {"queue_item_stays_closed"},
    "note_mention_of_a_colleague": {"note_mention_of_a_colleague"},
    # They refuse nothing, but keep the queue as the record is (test_queue.py).
    "queue_follows_verdict": set(),
    "queue_follows_appearance": set(),
    "queue_follows_publisher": set(),
    "queue_follows_member": set(),
    "relation_is_sound": {"relation_supersedes_its_own_chain", "withdrawal_of_standing_relation"},
    # They refuse nothing, but keep what contradicts what (test_conflicts.py).
    "facts_are_grouped": set(),
    "facts_are_regrouped": set(),
    "pair_is_settled": set(),
    "extent_follows_status": set(),
}
# Made by Django of the types of fields: primary and foreign keys, and "not negative".
OF_DJANGO = re.compile(r"claims_\w+_(pkey|key|uniq|check)|\w+_fk_\w+")


@pytest.fixture
def record(db: None) -> Record:
    return Record()


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_row_is_accepted(record: Record, kind: str) -> None:
    insert(*sound(record, kind))
    check_now()


@pytest.mark.parametrize("broken", CASES, ids=str)
def test_the_database_itself_refuses(record: Record, broken: Case) -> None:
    with refused_by(broken.constraint):
        broken.attempt(record)


def test_the_owner_of_the_tables_is_refused_the_same(committed: str) -> None:
    record = Record.whole()
    not_refused = []
    for broken in CASES:
        try:
            with refused_by(broken.constraint, using="owner"):
                broken.attempt(record, using="owner")
        except (pytest.fail.Exception, AssertionError) as fault:
            not_refused.append(f"{broken}: {fault}")
    assert not_refused == []


def names_of(query: str) -> set[str]:
    return {name for (name,) in run(query)}


def test_every_constraint_is_broken_by_a_case(db: None) -> None:
    constraints = names_of("""
        SELECT conname FROM pg_constraint
        WHERE contype NOT IN ('t', 'n') AND conrelid::regclass::text LIKE 'claims\\_%'
        UNION
        SELECT indexrelid::regclass::text FROM pg_index
        WHERE indisunique AND indrelid::regclass::text LIKE 'claims\\_%'""")
    raised = names_of("""
        SELECT (regexp_matches(prosrc, 'CONSTRAINT = ''(\\w+)''', 'g'))[1]
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""")
    ours = {name for name in constraints | raised if not OF_DJANGO.fullmatch(name)}
    broken = {it.constraint for it in CASES}
    assert ours - broken - TARGETS - {"content_only_erased"} == set(), "no case breaks these"
    assert broken - constraints - raised == set(), "these do not exist"


def test_every_trigger_is_known_to_refuse_by_something(db: None) -> None:
    triggers = names_of("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    assert {name for name in triggers if not APPEND_ONLY.fullmatch(name)} == set(TRIGGERS)
    assert set().union(*TRIGGERS.values()) <= {it.constraint for it in CASES}


def test_no_trigger_and_no_constraint_is_switched_off(db: None) -> None:
    assert run("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'") == []
    assert run("SELECT conname FROM pg_constraint WHERE NOT convalidated") == []


def test_what_cannot_be_broken_is_what_foreign_keys_point_at(db: None) -> None:
    pointed_at = names_of("""
        SELECT conindid::regclass::text FROM pg_constraint WHERE contype = 'f'""")
    assert pointed_at >= TARGETS


REFERENCES = [
    (kind, field.attname, field.model)
    for kind in KINDS
    if kind != "mention"  # it refers to no snapshot
    for model in apps.get_app_config("claims").get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, ForeignKey)
    and model._meta.model_name
    == {
        "withheld": "snapshot",
        "statement": "claim",
        "fact": "claim",
        "quantity": "claim",
        "unchecked": "appearance",
    }.get(kind, kind)
]


# By which it is refused before the foreign key is looked at.
OWN_NAMES = {
    "contest_is_corrected_by_a_verdict",
    "contest_is_resolved_by_somebody",
    "invitation_is_accepted_by_somebody_or_revoked",
    "notice_says_what_it_is_about",
    "queue_item_closed_by_its_verdict",
    "verdict_has_rationale",
    "verdict_issued_by_its_own_member",
    "verdict_confirmed_by_its_own_member",
    "draft_by_its_own_member",
    "draft_is_confirmed_by_its_verdict",
    "verdict_supersedes_an_earlier_one",
    "relation_supersedes_its_own_chain",
    "scale_is_whole",
    "verdict_is_as_rated",
}


@pytest.mark.parametrize(("kind", "column", "model"), REFERENCES)
def test_no_row_refers_to_what_is_not_there(
    record: Record, kind: str, column: str, model: object
) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():  # noqa: PT012
        table, row = sound(record, kind)
        insert(table, row | {column: uuid4()})
        check_now()
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.ForeignKeyViolation) or (
        cause.diag.constraint_name in OWN_NAMES
    )


# Two organizations' standing outcomes → the status that follows (design, "Status").
V, D, I, NONE = "verified", "disputed", "inconclusive", None  # noqa: E741
STATUS = {
    (NONE, NONE): "unverified",
    (V, NONE): "verified",
    (D, NONE): "disputed",
    (I, NONE): "inconclusive",
    (V, V): "verified",
    (D, D): "disputed",
    (I, I): "inconclusive",
    (V, D): "contested",
    (V, I): "verified",
    (D, I): "disputed",
}
CHAINS = {  # the outcomes of one chain → what stands
    (): NONE,
    (V,): V,
    (D,): D,
    (I,): I,
    (V, D): D,
    (D, I): I,
    (V, "withdrawn"): NONE,
    (D, "withdrawn", V): V,
}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations_with_replacement(CHAINS, 2)))
def test_a_status_is_accepted_exactly_when_it_follows_from_the_standing_verdicts(
    record: Record, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    standing = CHAINS[one], CHAINS[other]
    due = STATUS.get(standing) or STATUS[standing[::-1]]
    assert status_of(Outcome(it) for it in standing if it) == due
    row, claim = sound(record, "verdict")[1], record.fact.pk
    chains = (record.desk, one), (record.rivals, other)
    verdicts = []
    for desk, outcomes in chains:
        by = {"organization_id": desk.organization.pk, "issued_by_id": desk.checker.pk}
        tip = None
        for outcome in outcomes:
            chained = {"claim_id": claim, "supersedes_id": tip, "outcome": outcome}
            verdicts.append(row | by | chained | {"id": (tip := uuid7())})
    accepted = set()
    for status in Status.values:
        try:
            with transaction.atomic():
                for verdict in verdicts:
                    insert("verdict", verdict)
                run("UPDATE claims_claim SET status = %s WHERE id = %s", [status, claim])
                check_now()
                accepted.add(status)
                transaction.set_rollback(True)
        except IntegrityError as refused:
            name = refused.__cause__.diag.constraint_name
            assert name == "claim_status_follows_verdicts"
    assert accepted == {due}


# Another value for each column that is fixed by the first verdict, on a judged quantity.
FIXED: dict[str, Callable[[Record], Any]] = {
    "id": lambda r: uuid7(),
    "kind": lambda r: "statement",
    "text": lambda r: "Other words",
    "language": lambda r: "ar",
    "speaker_id": lambda r: r.speaker.pk,
    "stated_on": lambda r: "2020",
    "speech": lambda r: "direct",
    "subject": lambda r: "another",
    "property": lambda r: "another",
    "value": lambda r: "4",
    "value_type": lambda r: "text",
    "unit": lambda r: "month",
    "approximate": lambda r: True,
    "lower": lambda r: "1",
    "upper": lambda r: "9",
}
FREE = {"status", "version", "changed_at", "created_by_id"}


def test_every_column_of_a_claim_is_fixed_by_a_verdict_or_free_or_always_fixed() -> None:
    columns = {field.attname for field in Claim._meta.concrete_fields}
    assert columns == FIXED.keys() | FREE | {"created_at"}


@pytest.mark.parametrize("column", FIXED)
def test_a_judged_claim_keeps_its(record: Record, column: str) -> None:
    make.verdict(record.quantity, record.desk.checker)
    name = "claim_keeps_its_kind" if column in {"id", "kind"} else "claim_fixed_once_judged"
    quoted = connection.ops.quote_name(column)
    with refused_by(name):
        run(
            f"UPDATE claims_claim SET {quoted} = %s WHERE id = %s",
            [FIXED[column](record), record.quantity.pk],
        )


def test_an_unjudged_claim_can_be_edited(record: Record) -> None:
    run("UPDATE claims_claim SET text = 'Other words' WHERE id = %s", [record.fact.pk])
    record.fact.refresh_from_db()
    assert record.fact.text == "Other words"


def test_an_erased_rationale_is_none_for_a_new_verdict(committed: str) -> None:
    record = Record.whole()
    table, row = sound(record, "verdict")
    run(
        "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s",
        [row["rationale_id"]],
        using="owner",
    )
    with refused_by("verdict_has_rationale"):
        insert(table, row)


def test_while_a_verdict_is_being_written_the_words_of_its_claim_cannot_change(
    committed: str,
) -> None:
    record = Record.whole()
    verdict = sound(record, "verdict")[1] | {"claim_id": record.fact.pk, "supersedes_id": None}
    with transaction.atomic():
        insert("verdict", verdict)
        waits("UPDATE claims_claim SET text = 'Other words' WHERE id = %s", [record.fact.pk])
        transaction.set_rollback(True)


def test_two_verdicts_on_one_claim_are_written_one_after_the_other(committed: str) -> None:
    """Else each would find the status right without the other, and it would be wrong with both."""
    record = Record.whole()
    verdict = sound(record, "verdict")[1]
    others = verdict | {
        "organization_id": record.rivals.organization.pk,
        "issued_by_id": record.rivals.checker.pk,
        "supersedes_id": None,
    }
    with transaction.atomic():
        insert("verdict", others)
        waits(
            """
            INSERT INTO claims_verdict
                (claim_id, organization_id, supersedes_id, outcome, rationale_id)
            VALUES (%(claim_id)s, %(organization_id)s, %(supersedes_id)s, 'withdrawn',
                %(rationale_id)s)""",
            verdict,
        )
        transaction.set_rollback(True)


def waits(statement: str, values: Any) -> None:
    """Another session cannot run this until the transaction at hand has ended."""
    with another_connection() as other:
        other.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute(statement, values)
        other.rollback()


def another_connection() -> psycopg.Connection[Any]:
    there = connections["default"].get_connection_params()
    kept = {
        name: there[name]
        for name in ("dbname", "user", "password", "host", "port")
        if name in there
    }
    return psycopg.connect(**kept)


def test_tests_run_as_a_role_that_owns_nothing(db: None) -> None:
    assert run("SELECT current_user") == [(settings.DATABASES["default"]["USER"],)]
    assert run("SELECT relname FROM pg_class WHERE relowner = current_user::regrole") == []


def test_the_database_makes_ids_of_the_seventh_version_in_their_order(db: None) -> None:
    made = [it for (it,) in run("SELECT claims_uuid7() FROM generate_series(1, 1000)")]
    assert {it.version for it in made} == {7}
    assert len(set(made)) == 1000
    milliseconds = [it.int >> 80 for it in made]
    assert milliseconds == sorted(milliseconds)
    assert abs(milliseconds[0] / 1000 - datetime.now(UTC).timestamp()) < 60
    assert Verdict._meta.pk.db_default is not None


def test_what_an_external_organization_found_is_filed_by_a_member_of_any_desk(
    record: Record,
) -> None:
    external = {"organization_id": record.outsider.pk, "supersedes_id": None}
    row = sound(record, "verdict")[1] | external
    for by in (record.desk.checker, record.rivals.checker):
        with transaction.atomic():
            insert(
                "verdict",
                row | {"issued_by_id": by.pk, "id": uuid7()},
            )
            transaction.set_rollback(True)


def test_an_indirect_statement_may_be_of_nobody_known(record: Record) -> None:
    insert("claim", sound(record, "statement")[1] | {"speaker_id": None, "speech": "indirect"})
