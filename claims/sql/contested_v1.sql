-- What a verdict says, for telling whether another one says the same: not who issued it, or when.
CREATE FUNCTION claims_verdict_says_v1(verdict uuid) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_array(
        v.outcome, v.label, v.valid_until, r.text,
        ARRAY(SELECT json_build_array(e.url, e.stance, e.title, q.text, e.archive_url, e.derived_from)
              FROM claims_evidence e LEFT JOIN claims_content q ON q.id = e.quote_id
              WHERE e.verdict_id = v.id
              ORDER BY e.position))::text
    FROM claims_verdict v JOIN claims_content r ON r.id = v.rationale_id
    WHERE v.id = verdict
$$;

-- Whether a verdict that once stood does so still, or another one in its place says the same.
CREATE FUNCTION claims_verdict_stays_v1(verdict uuid) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT NOT EXISTS (SELECT FROM claims_verdict WHERE supersedes_id = verdict)
        OR EXISTS (
            SELECT FROM claims_verdict before
            JOIN claims_verdict tip
                ON tip.claim_id = before.claim_id AND tip.organization_id = before.organization_id
            WHERE before.id = verdict
              AND NOT EXISTS (SELECT FROM claims_verdict WHERE supersedes_id = tip.id)
              AND claims_verdict_says_v1(tip.id) = claims_verdict_says_v1(before.id))
$$;
