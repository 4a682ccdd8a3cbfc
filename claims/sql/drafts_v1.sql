-- Drafts of verdicts, and the review policy of organizations.

-- Who confirms a verdict of a desk is another member of it, and may. A policy that changes while a
-- verdict is under way: what counts is the one that is committed when the verdict is written.
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
CREATE TRIGGER verdict_follows_review_policy BEFORE INSERT ON claims_verdict
    FOR EACH ROW EXECUTE FUNCTION claims_verdict_follows_review_policy_v1();

CREATE FUNCTION claims_draft_belongs_to_its_author_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM claims_member
                   WHERE id = NEW.created_by_id AND organization_id = NEW.organization_id)
    THEN
        RAISE EXCEPTION 'a draft is by a member of its organization'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_by_its_own_member';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER draft_by_its_own_member BEFORE INSERT ON claims_draft
    FOR EACH ROW WHEN (NEW.created_by_id IS NOT NULL)
    EXECUTE FUNCTION claims_draft_belongs_to_its_author_v1();

CREATE FUNCTION claims_draft_stays_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('confirmed', 'withdrawn') THEN
        RAISE EXCEPTION 'a draft that is confirmed or withdrawn stays so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_stays_closed';
    END IF;
    RAISE EXCEPTION 'a draft stays of its claim, its organization and its author'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_stays_whose_it_is';
END
$$;
CREATE TRIGGER draft_stays BEFORE UPDATE ON claims_draft
    FOR EACH ROW
    WHEN (OLD.state IN ('confirmed', 'withdrawn')
          OR (NEW.id, NEW.claim_id, NEW.organization_id, NEW.created_by_id, NEW.created_at)
             IS DISTINCT FROM
             (OLD.id, OLD.claim_id, OLD.organization_id, OLD.created_by_id, OLD.created_at))
    EXECUTE FUNCTION claims_draft_stays_v1();

CREATE TRIGGER draft_never_deleted BEFORE DELETE ON claims_draft
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER draft_never_truncated BEFORE TRUNCATE ON claims_draft
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER draftstep_append_only BEFORE UPDATE OR DELETE ON claims_draftstep
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER draftstep_never_truncated BEFORE TRUNCATE ON claims_draftstep
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
