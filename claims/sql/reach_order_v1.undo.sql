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
DROP TRIGGER queue_follows_appearance ON claims_appearance;
CREATE TRIGGER queue_follows_appearance AFTER INSERT ON claims_appearance
    FOR EACH ROW EXECUTE FUNCTION claims_queue_follows_appearance_v2();

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
DROP TRIGGER queue_follows_publisher ON claims_placement;
CREATE TRIGGER queue_follows_publisher AFTER UPDATE OF publisher_id ON claims_placement
    FOR EACH ROW WHEN (NEW.publisher_id <> OLD.publisher_id)
    EXECUTE FUNCTION claims_queue_follows_publisher_v1();
DROP FUNCTION claims_queue_counts_anew_v1();

CREATE FUNCTION claims_placements_follow_article_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
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
    EXECUTE FUNCTION claims_placements_follow_article_v1();
DROP FUNCTION claims_placements_follow_article_v2();
