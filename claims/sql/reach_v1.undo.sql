DROP FUNCTION claims_queue_follows_publisher_v1() CASCADE;
DROP FUNCTION claims_queue_follows_appearance_v2() CASCADE;
ALTER TABLE claims_queueitem DISABLE TRIGGER queue_item_stays_closed;
UPDATE claims_queueitem SET reach = appearances;
ALTER TABLE claims_queueitem ENABLE TRIGGER queue_item_stays_closed;
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
