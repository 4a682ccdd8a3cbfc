-- What a verdict says, for telling whether another one says the same: not who issued it, or when.
-- What a law forced out is the same as itself alone.
CREATE FUNCTION claims_verdict_says_v1(verdict uuid) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_array(
        v.outcome, v.label, v.valid_until, coalesce(r.text, 'erased ' || r.id),
        ARRAY(SELECT json_build_array(
                  e.url, e.stance, e.title,
                  CASE WHEN q.id IS NOT NULL THEN coalesce(q.text, 'erased ' || q.id) END,
                  e.archive_url, e.derived_from)
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

-- As in v1; but where contests are open, the item stays until the last one is decided about: it only
-- learns that the verdict has come for which somebody had asked. Who files a contest, decides about
-- one or judges holds the claim, so none is missed.
CREATE FUNCTION claims_queue_follows_verdict_v2() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    WITH judged AS (
        UPDATE claims_queueitem
        SET judged = true,
            verdict_id = CASE WHEN contests = 0 THEN NEW.id END,
            closed_at = CASE WHEN contests = 0 THEN NEW.issued_at END,
            closed_by_id = CASE WHEN contests = 0 THEN NEW.issued_by_id END,
            version = version + 1
        WHERE claim_id = NEW.claim_id AND organization_id = NEW.organization_id
          AND closed_at IS NULL
        RETURNING id, assignee_id, priority, due_at, verdict_id)
    INSERT INTO claims_queuemove
        (item_id, type, assignee_id, priority, due_at, moved_at, moved_by_id)
    SELECT id, 'done', assignee_id, priority, due_at, NEW.issued_at, NEW.issued_by_id
    FROM judged WHERE verdict_id IS NOT NULL;
    RETURN NULL;
END
$$;
DROP TRIGGER queue_follows_verdict ON claims_verdict;
CREATE TRIGGER queue_follows_verdict AFTER INSERT ON claims_verdict
    FOR EACH ROW WHEN (NEW.outcome <> 'withdrawn')
    EXECUTE FUNCTION claims_queue_follows_verdict_v2();
DROP FUNCTION claims_queue_follows_verdict_v1();

-- What left a queue while contests were open waits there again.
WITH contested AS (
    SELECT claim_id, organization_id, count(*) AS contests, min(filed_at) AS since
    FROM claims_contest WHERE state = 'open'
    GROUP BY claim_id, organization_id),
put_back AS (
    INSERT INTO claims_queueitem
        (organization_id, claim_id, priority, created_at, version, reach, appearances, contests)
    SELECT c.organization_id, c.claim_id, 'normal', c.since, 1,
           (SELECT count(DISTINCT p.publisher_id) FROM claims_placement p
            WHERE p.claim_id = c.claim_id),
           (SELECT count(*) FROM claims_appearance a WHERE a.claim_id = c.claim_id),
           c.contests
    FROM contested c
    WHERE NOT EXISTS (
        SELECT FROM claims_queueitem i
        WHERE i.claim_id = c.claim_id AND i.organization_id = c.organization_id
          AND i.closed_at IS NULL)
    RETURNING id, priority)
INSERT INTO claims_queuemove (item_id, type, priority)
SELECT id, 'contested', priority FROM put_back;
