-- What verdicts change of a claim is kept for lists beside it, in claims_listing: once under all
-- (the zero UUID), once under each publisher that it appears with, and once under each
-- organization whose verdict stands. All as the owner: the role that serves requests can only
-- read these rows. Whoever adds one locks the claim, so that no change of it passes by unseen.

-- Verdicts rewrite claims in place: there has to be some space beside them.
ALTER TABLE claims_claim SET (fillfactor = 90);
-- A fiftieth of all rows, not a fifth: of ten million that would be two million dead ones first,
-- and a publisher that is new would be unknown to the planner for as long.
ALTER TABLE claims_claim
    SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE claims_listing
    SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE claims_placement SET (autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE claims_verdict SET (autovacuum_analyze_scale_factor = 0.02);

-- Called by the triggers below, with their rights.
CREATE FUNCTION claims_list_claim_v1(claim uuid, below uuid) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
    INSERT INTO claims_listing (claim_id, under, status, changed_at, claim_created_at)
    SELECT id, below, status, changed_at, created_at
    FROM claims_claim WHERE id = claim FOR NO KEY UPDATE
    ON CONFLICT (claim_id, under) DO NOTHING
$$;

CREATE FUNCTION claims_claims_are_listed_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO claims_listing (claim_id, under, status, changed_at, claim_created_at)
    SELECT id, '00000000-0000-0000-0000-000000000000', status, changed_at, created_at FROM filed;
    RETURN NULL;
END
$$;
CREATE TRIGGER claims_are_listed AFTER INSERT ON claims_claim
    REFERENCING NEW TABLE AS filed
    FOR EACH STATEMENT EXECUTE FUNCTION claims_claims_are_listed_v1();

CREATE FUNCTION claims_listings_follow_claim_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE claims_listing SET status = NEW.status, changed_at = NEW.changed_at
    WHERE claim_id = NEW.id AND (status, changed_at) <> (NEW.status, NEW.changed_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER listings_follow_claim AFTER UPDATE OF status, changed_at ON claims_claim
    FOR EACH ROW
    WHEN ((NEW.status, NEW.changed_at) IS DISTINCT FROM (OLD.status, OLD.changed_at))
    EXECUTE FUNCTION claims_listings_follow_claim_v1();

-- The verdict is the last of its chain, whose earlier ones no longer count.
CREATE FUNCTION claims_claim_is_listed_under_who_judges_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.outcome = 'withdrawn' THEN
        DELETE FROM claims_listing WHERE claim_id = NEW.claim_id AND under = NEW.organization_id;
    ELSE
        PERFORM claims_list_claim_v1(NEW.claim_id, NEW.organization_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER claim_is_listed_under_who_judges AFTER INSERT ON claims_verdict
    FOR EACH ROW EXECUTE FUNCTION claims_claim_is_listed_under_who_judges_v1();

CREATE FUNCTION claims_claim_is_listed_under_publisher_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM claims_list_claim_v1(NEW.claim_id, NEW.publisher_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER claim_is_listed_under_publisher AFTER INSERT ON claims_placement
    FOR EACH ROW EXECUTE FUNCTION claims_claim_is_listed_under_publisher_v1();

-- An article turns out to be another publisher's.
CREATE FUNCTION claims_listings_follow_publisher_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM claims_list_claim_v1(NEW.claim_id, NEW.publisher_id);
    DELETE FROM claims_listing l WHERE l.claim_id = NEW.claim_id AND l.under = OLD.publisher_id
        AND NOT EXISTS (SELECT FROM claims_placement p
                        WHERE p.claim_id = NEW.claim_id AND p.publisher_id = OLD.publisher_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER listings_follow_publisher AFTER UPDATE OF publisher_id ON claims_placement
    FOR EACH ROW WHEN (NEW.publisher_id <> OLD.publisher_id)
    EXECUTE FUNCTION claims_listings_follow_publisher_v1();

-- Only the triggers above take one away.
CREATE TRIGGER listing_never_deleted BEFORE DELETE ON claims_listing
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER listing_never_truncated BEFORE TRUNCATE ON claims_listing
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

-- What is there already.
LOCK TABLE claims_claim, claims_article, claims_placement, claims_verdict
    IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO claims_listing (claim_id, under, status, changed_at, claim_created_at)
SELECT c.id, u.under, c.status, c.changed_at, c.created_at
FROM claims_claim c CROSS JOIN LATERAL (
    SELECT '00000000-0000-0000-0000-000000000000'::uuid
    UNION SELECT publisher_id FROM claims_placement WHERE claim_id = c.id
    UNION SELECT organization_id FROM claims_verdict v
          WHERE v.claim_id = c.id AND v.outcome <> 'withdrawn'
          AND NOT EXISTS (SELECT FROM claims_verdict later WHERE later.supersedes_id = v.id)
) AS u(under)
ORDER BY c.id, u.under;
