-- What lists of claims are filtered and ordered by, kept where one index can hold both: the
-- time of a claim beside its verdicts, and beside the publishers and dates of its articles.

-- Copies of it must not go stale.
CREATE FUNCTION claims_claim_keeps_its_time_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a claim keeps the time of its filing'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_keeps_its_time';
END
$$;
CREATE TRIGGER claim_keeps_its_time BEFORE UPDATE OF created_at ON claims_claim
    FOR EACH ROW WHEN (NEW.created_at IS DISTINCT FROM OLD.created_at)
    EXECUTE FUNCTION claims_claim_keeps_its_time_v1();

CREATE FUNCTION claims_verdict_knows_its_claim_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- Where there is no such claim, the foreign key says so.
    NEW.claim_created_at := coalesce(
        (SELECT created_at FROM claims_claim WHERE id = NEW.claim_id), NEW.claim_created_at);
    RETURN NEW;
END
$$;
CREATE TRIGGER verdict_knows_its_claim BEFORE INSERT ON claims_verdict
    FOR EACH ROW EXECUTE FUNCTION claims_verdict_knows_its_claim_v1();

-- As the owner: the role that serves requests can only read placements.
CREATE FUNCTION claims_appearance_is_placed_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    filed_at timestamptz := (SELECT created_at FROM claims_claim WHERE id = NEW.claim_id);
    carrier record;
BEGIN
    -- Locked, so that an edit of the article cannot pass by unseen.
    SELECT publisher_id, published_from, published_to INTO carrier
    FROM claims_article WHERE id = NEW.article_id FOR SHARE;
    IF filed_at IS NULL OR carrier.publisher_id IS NULL THEN
        RAISE EXCEPTION 'an appearance needs its claim and its article'
            USING ERRCODE = 'foreign_key_violation',
                  CONSTRAINT = 'appearance_after_claim_and_article';
    END IF;
    INSERT INTO claims_placement
        (claim_id, article_id, publisher_id, claim_created_at, published_from, published_to)
    VALUES (NEW.claim_id, NEW.article_id, carrier.publisher_id, filed_at,
            carrier.published_from, carrier.published_to)
    ON CONFLICT (claim_id, article_id) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER appearance_is_placed AFTER INSERT ON claims_appearance
    FOR EACH ROW EXECUTE FUNCTION claims_appearance_is_placed_v1();

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
CREATE TRIGGER placements_follow_article
    AFTER UPDATE OF publisher_id, published_from, published_to ON claims_article
    FOR EACH ROW
    WHEN ((NEW.publisher_id, NEW.published_from, NEW.published_to)
          IS DISTINCT FROM (OLD.publisher_id, OLD.published_from, OLD.published_to))
    EXECUTE FUNCTION claims_placements_follow_article_v1();

CREATE TRIGGER placement_never_deleted BEFORE DELETE ON claims_placement
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER placement_never_truncated BEFORE TRUNCATE ON claims_placement
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
