-- The queue of an organization and its notes: whose they are, what stays, what follows.

ALTER TABLE claims_queueitem
    ADD CONSTRAINT queue_item_assignee_is_its_own_member
        FOREIGN KEY (assignee_id, organization_id) REFERENCES claims_member (id, organization_id),
    ADD CONSTRAINT queue_item_created_by_its_own_member
        FOREIGN KEY (created_by_id, organization_id) REFERENCES claims_member (id, organization_id),
    ADD CONSTRAINT queue_item_done_by_its_own_verdict
        FOREIGN KEY (verdict_id, organization_id, claim_id)
        REFERENCES claims_verdict (id, organization_id, claim_id);
ALTER TABLE claims_note
    ADD CONSTRAINT note_created_by_its_own_member
        FOREIGN KEY (created_by_id, organization_id) REFERENCES claims_member (id, organization_id);

DO $$
DECLARE
    entity text;
BEGIN
    FOREACH entity IN ARRAY ARRAY['queuemove', 'note', 'notemention'] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_append_only BEFORE UPDATE OR DELETE ON claims_%1$s
             FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1()', entity);
    END LOOP;
    FOREACH entity IN ARRAY ARRAY['queueitem', 'queuemove', 'note', 'notemention'] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_never_truncated BEFORE TRUNCATE ON claims_%1$s
             FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1()', entity);
    END LOOP;
END
$$;
CREATE TRIGGER queueitem_never_deleted BEFORE DELETE ON claims_queueitem
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();

CREATE FUNCTION claims_queue_item_stays_closed_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is out of the queue stays as it was'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'queue_item_stays_closed';
END
$$;
CREATE TRIGGER queue_item_stays_closed BEFORE UPDATE ON claims_queueitem
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION claims_queue_item_stays_closed_v1();

CREATE FUNCTION claims_note_mention_of_a_colleague_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- Where there is no such note or member, the foreign key says so.
    IF EXISTS (SELECT FROM claims_note n, claims_member m
               WHERE n.id = NEW.note_id AND m.id = NEW.member_id
                 AND n.organization_id <> m.organization_id)
    THEN
        RAISE EXCEPTION 'a note mentions members of its own organization'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'note_mention_of_a_colleague';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER note_mention_of_a_colleague BEFORE INSERT ON claims_notemention
    FOR EACH ROW EXECUTE FUNCTION claims_note_mention_of_a_colleague_v1();

-- By a trigger, so that it is in the transaction of each verdict, whoever writes it and how.
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
CREATE TRIGGER queue_follows_verdict AFTER INSERT ON claims_verdict
    FOR EACH ROW WHEN (NEW.outcome <> 'withdrawn')
    EXECUTE FUNCTION claims_queue_follows_verdict_v1();

-- Whoever adds an appearance holds its claim, and so does who puts it into a queue: none is missed.
CREATE FUNCTION claims_queue_follows_appearance_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE claims_queueitem SET reach = reach + 1, version = version + 1
    WHERE claim_id = NEW.claim_id AND closed_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_follows_appearance AFTER INSERT ON claims_appearance
    FOR EACH ROW EXECUTE FUNCTION claims_queue_follows_appearance_v1();

-- What somebody had who is no member any more waits for another one, as it does for one who
-- cannot judge any more.
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
CREATE TRIGGER queue_follows_member AFTER UPDATE ON claims_member
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL OR NEW.role = 'reader')
    EXECUTE FUNCTION claims_queue_follows_member_v1();
