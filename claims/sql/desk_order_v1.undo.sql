CREATE FUNCTION claims_queue_follows_member_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
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
    EXECUTE FUNCTION claims_queue_follows_member_v1();
DROP FUNCTION claims_queue_follows_member_v2();
