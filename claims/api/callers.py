"""Who asks, as a statement of the edge finds it beside what is asked for."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

import orjson

from claims.formats.composing import Given, Statement
from claims.models import ApiKey, Member, Organization
from claims.models.base import partial

# One row about who asks, whether there is anything else to tell or not.
WHO = "FROM (SELECT 1) AS one LEFT JOIN ({}) AS who(caller, organization_id, reads_as) ON true"
NOBODY = WHO.format("SELECT NULL::text, NULL::uuid, NULL::text")
KEY = """
    SELECT row_to_json(c)::text, c.organization_id, c.role || ' ' || c.review_policy FROM (
        SELECT k.id, k.scopes, k.expires_at, k.revoked_at,
               m.id AS member, m.organization_id, m.role, m.ended_at, o.review_policy{more}
        FROM claims_apikey k JOIN claims_member m ON m.id = k.member_id
        JOIN claims_organization o ON o.id = m.organization_id
        WHERE k.digest = %s) AS c"""
BY_KEY = WHO.format(KEY.format(more=""))
BY_KEY_NAMED = WHO.format(
    KEY.format(
        more=", m.name, m.version, o.name AS organization, o.version AS organization_version"
    )
)
DIGEST = Given("digest")


def who(digest: bytes | None) -> Statement:
    return Statement(NOBODY, ()) if digest is None else Statement(BY_KEY, (DIGEST,))


def who_by_name() -> Statement:
    """Who has the key, with all that documents show of member and organization."""
    return Statement(BY_KEY_NAMED, (DIGEST,))


@lru_cache(1_000)  # the same words make the same key; nobody changes it
def key_in(caller: bytes | None) -> ApiKey | None:
    """The key that a statement has found, with its member."""
    if caller is None:
        return None
    told = orjson.loads(caller)
    member = partial(
        Member,
        id=UUID(told["member"]),
        organization_id=UUID(told["organization_id"]),
        role=told["role"],
        ended_at=instant(told["ended_at"]),
    )
    columns = {"id": member.organization_id, "review_policy": told["review_policy"]}
    if "name" in told:
        member.name, member.version = told["name"], told["version"]
        columns |= {"name": told["organization"], "version": told["organization_version"]}
    member.organization = partial(Organization, **columns)
    key = partial(
        ApiKey,
        id=UUID(told["id"]),
        scopes=told["scopes"],
        expires_at=instant(told["expires_at"]),
        revoked_at=instant(told["revoked_at"]),
    )
    key.member = member
    return key


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
