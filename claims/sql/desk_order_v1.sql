-- What somebody had who is no member any more, or cannot judge, waits for another one: as in v1,
-- but the claims are held first, in the order of their ids. Whoever writes of many claims at once
-- holds them in that order too, and items of their queues after that, each in an order of its own;
-- so that of the two neither has what the other waits for.
CREATE FUNCTION claims_queue_follows_member_v2() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM claims_claim
    WHERE id IN (SELECT claim_id FROM claims_queueitem
                 WHERE assignee_id = NEW.id AND closed_at IS NULL)
    ORDER BY id FOR NO KEY UPDATE;
    WITH released AS (
        UPDATE claims_queueitem
        SET assignee_id = NULL, assigned_at = NULL, assigned_by_id = NULL, version = version + 1
        WHERE assignee_id = NEW.id AND closed_at IS NULL
        RETURNING id, priority, due_at)
    INSERT INTO claims_queuemove (item_id, type, priority, due_at)
    SELECT id, 'released', priority, due_at FROM released;
    RETURN NULL;
END
$$;
DROP TRIGGER queue_follows_member ON claims_member;
CREATE TRIGGER queue_follows_member AFTER UPDATE ON claims_member
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL OR NEW.role = 'reader')
    EXECUTE FUNCTION claims_queue_follows_member_v2();
DROP FUNCTION claims_queue_follows_member_v1();
