DROP TRIGGER queue_follows_member ON claims_member;
DROP FUNCTION claims_queue_follows_member_v1();
DROP TRIGGER queue_follows_appearance ON claims_appearance;
DROP FUNCTION claims_queue_follows_appearance_v1();
DROP TRIGGER queue_follows_verdict ON claims_verdict;
DROP FUNCTION claims_queue_follows_verdict_v1();
DROP TRIGGER note_mention_of_a_colleague ON claims_notemention;
DROP FUNCTION claims_note_mention_of_a_colleague_v1();
DROP TRIGGER queue_item_stays_closed ON claims_queueitem;
DROP FUNCTION claims_queue_item_stays_closed_v1();
DROP TRIGGER queueitem_never_deleted ON claims_queueitem;
DO $$
DECLARE
    entity text;
BEGIN
    FOREACH entity IN ARRAY ARRAY['queueitem', 'queuemove', 'note', 'notemention'] LOOP
        EXECUTE format('DROP TRIGGER %1$s_never_truncated ON claims_%1$s', entity);
    END LOOP;
    FOREACH entity IN ARRAY ARRAY['queuemove', 'note', 'notemention'] LOOP
        EXECUTE format('DROP TRIGGER %1$s_append_only ON claims_%1$s', entity);
    END LOOP;
END
$$;
ALTER TABLE claims_note DROP CONSTRAINT note_created_by_its_own_member;
ALTER TABLE claims_queueitem
    DROP CONSTRAINT queue_item_done_by_its_own_verdict,
    DROP CONSTRAINT queue_item_created_by_its_own_member,
    DROP CONSTRAINT queue_item_assignee_is_its_own_member;
