CREATE FUNCTION claims_queue_follows_verdict_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    WITH done AS (
        UPDATE claims_queueitem
        SET verdict_id = NEW.id, closed_at = NEW.issued_at, closed_by_id = NEW.issued_by_id,
            version = version + 1
        WHERE claim_id = NEW.claim_id AND organization_id = NEW.organization_id
          AND closed_at IS NULL
        RETURNING id, assignee_id, priority, due_at)
    INSERT INTO claims_queuemove
        (item_id, type, assignee_id, priority, due_at, moved_at, moved_by_id)
    SELECT id, 'done', assignee_id, priority, due_at, NEW.issued_at, NEW.issued_by_id FROM done;
    RETURN NULL;
END
$$;
DROP TRIGGER queue_follows_verdict ON claims_verdict;
CREATE TRIGGER queue_follows_verdict AFTER INSERT ON claims_verdict
    FOR EACH ROW WHEN (NEW.outcome <> 'withdrawn')
    EXECUTE FUNCTION claims_queue_follows_verdict_v1();
DROP FUNCTION claims_queue_follows_verdict_v2();

DROP FUNCTION claims_verdict_stays_v1(uuid);
DROP FUNCTION claims_verdict_says_v1(uuid);
