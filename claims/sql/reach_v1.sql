-- What waits goes by how many publishers carry its claim, and by how many passages.

-- Of closed ones as well, which else stay as they were: nothing is reckoned of them, and what is told
-- is true of now.
ALTER TABLE claims_queueitem DISABLE TRIGGER queue_item_stays_closed;
UPDATE claims_queueitem AS item SET
    appearances = (SELECT count(*) FROM claims_appearance a WHERE a.claim_id = item.claim_id),
    reach = (SELECT count(DISTINCT p.publisher_id) FROM claims_placement p
             WHERE p.claim_id = item.claim_id);
-- The table was made anew in this transaction, so its references are looked at again, at the end.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE claims_queueitem ENABLE TRIGGER queue_item_stays_closed;

-- Whoever adds an appearance holds its claim, and so does who puts it into a queue: none is missed.
-- After "appearance_is_placed", which triggers of one table are fired by name.
CREATE FUNCTION claims_queue_follows_appearance_v2() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE claims_queueitem SET
        appearances = appearances + 1,
        reach = (SELECT count(DISTINCT publisher_id) FROM claims_placement
                 WHERE claim_id = NEW.claim_id),
        version = version + 1
    WHERE claim_id = NEW.claim_id AND closed_at IS NULL;
    RETURN NULL;
END
$$;
DROP FUNCTION claims_queue_follows_appearance_v1() CASCADE;
CREATE TRIGGER queue_follows_appearance AFTER INSERT ON claims_appearance
    FOR EACH ROW EXECUTE FUNCTION claims_queue_follows_appearance_v2();

-- An article that turns out to be another publisher's. Who puts its claim into a queue at that very
-- moment may count the old one; the next appearance counts anew.
CREATE FUNCTION claims_queue_follows_publisher_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE claims_queueitem SET
        reach = (SELECT count(DISTINCT publisher_id) FROM claims_placement
                 WHERE claim_id = NEW.claim_id),
        version = version + 1
    WHERE claim_id = NEW.claim_id AND closed_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_follows_publisher AFTER UPDATE OF publisher_id ON claims_placement
    FOR EACH ROW WHEN (NEW.publisher_id <> OLD.publisher_id)
    EXECUTE FUNCTION claims_queue_follows_publisher_v1();
