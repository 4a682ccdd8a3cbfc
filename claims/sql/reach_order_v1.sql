-- An article that turns out to be another publisher's: the claims that appear in it are held first,
-- in the order of their ids, as in desk_order_v1; what follows is written claim by claim, in the
-- order of the placements. Whoever puts one of them into a queue at that moment counts before, and
-- is counted anew, or after.
CREATE FUNCTION claims_placements_follow_article_v2() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.publisher_id <> OLD.publisher_id THEN
        PERFORM FROM claims_claim
        WHERE id IN (SELECT claim_id FROM claims_placement WHERE article_id = NEW.id)
        ORDER BY id FOR NO KEY UPDATE;
    END IF;
    UPDATE claims_placement
    SET publisher_id = NEW.publisher_id,
        published_from = NEW.published_from,
        published_to = NEW.published_to
    WHERE article_id = NEW.id;
    RETURN NULL;
END
$$;
DROP TRIGGER placements_follow_article ON claims_article;
CREATE TRIGGER placements_follow_article
    AFTER UPDATE OF publisher_id, published_from, published_to ON claims_article
    FOR EACH ROW
    WHEN ((NEW.publisher_id, NEW.published_from, NEW.published_to)
          IS DISTINCT FROM (OLD.publisher_id, OLD.published_from, OLD.published_to))
    EXECUTE FUNCTION claims_placements_follow_article_v2();
DROP FUNCTION claims_placements_follow_article_v1();

-- Of an appearance or a placement, whose claim is held: what waits is counted anew, where it does.
CREATE FUNCTION claims_queue_counts_anew_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE claims_queueitem SET
        appearances = (SELECT count(*) FROM claims_appearance WHERE claim_id = NEW.claim_id),
        reach = (SELECT count(DISTINCT publisher_id) FROM claims_placement
                 WHERE claim_id = NEW.claim_id),
        version = version + 1
    WHERE claim_id = NEW.claim_id AND closed_at IS NULL;
    RETURN NULL;
END
$$;
-- After "appearance_is_placed", which triggers of one table are fired by name.
DROP TRIGGER queue_follows_appearance ON claims_appearance;
CREATE TRIGGER queue_follows_appearance AFTER INSERT ON claims_appearance
    FOR EACH ROW EXECUTE FUNCTION claims_queue_counts_anew_v1();
DROP FUNCTION claims_queue_follows_appearance_v2();
-- As the owner too: placements change in a trigger of the article alone, which is carried out so.
DROP TRIGGER queue_follows_publisher ON claims_placement;
CREATE TRIGGER queue_follows_publisher AFTER UPDATE OF publisher_id ON claims_placement
    FOR EACH ROW WHEN (NEW.publisher_id <> OLD.publisher_id)
    EXECUTE FUNCTION claims_queue_counts_anew_v1();
DROP FUNCTION claims_queue_follows_publisher_v1();
