CREATE FUNCTION claims_verdict_follows_review_policy_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    policy varchar;
BEGIN
    SELECT review_policy INTO policy FROM claims_organization
    WHERE id = NEW.organization_id AND external_site IS NULL;
    IF NEW.confirmed_by_id IS NULL THEN
        IF policy <> 'none' THEN
            RAISE EXCEPTION 'a verdict of this desk is confirmed by a second member'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_follows_review_policy';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM claims_member
        WHERE id = NEW.confirmed_by_id AND organization_id = NEW.organization_id
          AND (policy <> 'editor' OR role IN ('editor', 'admin')))
    THEN
        RAISE EXCEPTION 'a verdict of a desk is confirmed by a member of it who may'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_confirmed_by_its_own_member';
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER verdict_follows_review_policy ON claims_verdict;
CREATE TRIGGER verdict_follows_review_policy BEFORE INSERT ON claims_verdict
    FOR EACH ROW EXECUTE FUNCTION claims_verdict_follows_review_policy_v1();
DROP FUNCTION claims_verdict_follows_review_policy_v2();
