-- Who confirms a verdict: as in drafts_v1, and a member still, who may judge. Each by a name of its
-- own, so that whoever is refused is told which of the two it was.
CREATE FUNCTION claims_verdict_follows_review_policy_v2() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    policy varchar;
    confirmed_as varchar;
BEGIN
    SELECT review_policy INTO policy FROM claims_organization
    WHERE id = NEW.organization_id AND external_site IS NULL;
    IF NEW.confirmed_by_id IS NULL THEN
        IF policy <> 'none' THEN
            RAISE EXCEPTION 'a verdict of this desk is confirmed by a second member'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_follows_review_policy';
        END IF;
        RETURN NEW;
    END IF;
    SELECT role INTO confirmed_as FROM claims_member
    WHERE id = NEW.confirmed_by_id AND organization_id = NEW.organization_id
      AND ended_at IS NULL;
    IF confirmed_as IS NULL OR confirmed_as = 'reader' THEN
        RAISE EXCEPTION 'a verdict of a desk is confirmed by a member of it who may judge'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_confirmed_by_its_own_member';
    END IF;
    IF policy = 'editor' AND confirmed_as NOT IN ('editor', 'admin') THEN
        RAISE EXCEPTION 'a verdict of this desk is confirmed by an editor'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_confirmed_by_an_editor';
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER verdict_follows_review_policy ON claims_verdict;
CREATE TRIGGER verdict_follows_review_policy BEFORE INSERT ON claims_verdict
    FOR EACH ROW EXECUTE FUNCTION claims_verdict_follows_review_policy_v2();
DROP FUNCTION claims_verdict_follows_review_policy_v1();
