-- Contests of verdicts from outside, and the corrections that follow from them or without them.

ALTER TABLE claims_contest
    ADD CONSTRAINT contest_of_a_verdict_of_its_organization
        FOREIGN KEY (verdict_id, organization_id, claim_id)
        REFERENCES claims_verdict (id, organization_id, claim_id),
    ADD CONSTRAINT contest_corrected_by_its_organization
        FOREIGN KEY (correction_id, organization_id, claim_id)
        REFERENCES claims_verdict (id, organization_id, claim_id),
    ADD CONSTRAINT contest_resolved_by_its_own_member
        FOREIGN KEY (resolved_by_id, organization_id) REFERENCES claims_member (id, organization_id);

CREATE FUNCTION claims_contest_is_sound_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'open' THEN
        RAISE EXCEPTION 'a contest is decided after it was filed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_begins_open';
    END IF;
    -- Where there is no such verdict, the foreign key says so.
    IF EXISTS (SELECT FROM claims_organization
               WHERE id = NEW.organization_id AND external_site IS NOT NULL)
       OR EXISTS (SELECT FROM claims_verdict
                  WHERE id = NEW.verdict_id AND outcome = 'withdrawn')
       OR EXISTS (SELECT FROM claims_verdict WHERE supersedes_id = NEW.verdict_id)
    THEN
        RAISE EXCEPTION 'what is contested is a verdict that stands, of a desk'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_of_what_stands';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER contest_is_sound BEFORE INSERT ON claims_contest
    FOR EACH ROW EXECUTE FUNCTION claims_contest_is_sound_v1();

CREATE FUNCTION claims_contest_stays_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' THEN
        RAISE EXCEPTION 'what was decided about a contest stays so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_stays_resolved';
    END IF;
    RAISE EXCEPTION 'a contest stays as it was filed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_stays_as_filed';
END
$$;
CREATE TRIGGER contest_stays BEFORE UPDATE ON claims_contest
    FOR EACH ROW
    WHEN (OLD.state <> 'open'
          OR (NEW.id, NEW.verdict_id, NEW.claim_id, NEW.organization_id, NEW.party, NEW.reason,
              NEW.language, NEW.statement_id, NEW.contact_id, NEW.filed_at)
             IS DISTINCT FROM
             (OLD.id, OLD.verdict_id, OLD.claim_id, OLD.organization_id, OLD.party, OLD.reason,
              OLD.language, OLD.statement_id, OLD.contact_id, OLD.filed_at))
    EXECUTE FUNCTION claims_contest_stays_v1();

-- Of one organization and claim, a later verdict has taken the place of the contested one.
CREATE FUNCTION claims_contest_is_corrected_later_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM claims_verdict
               WHERE id = NEW.correction_id AND issued_at <= NEW.filed_at)
    THEN
        RAISE EXCEPTION 'a contest is answered by a verdict that was issued after it was filed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contest_is_corrected_later';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER contest_is_corrected_later BEFORE UPDATE ON claims_contest
    FOR EACH ROW WHEN (NEW.correction_id IS NOT NULL)
    EXECUTE FUNCTION claims_contest_is_corrected_later_v1();

CREATE TRIGGER contest_never_deleted BEFORE DELETE ON claims_contest
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER contest_never_truncated BEFORE TRUNCATE ON claims_contest
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

-- As the owner: the role that serves requests can only read corrections.
CREATE FUNCTION claims_verdict_corrects_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO claims_correction (verdict_id, organization_id, claim_id, corrected_at, contested)
    SELECT NEW.id, NEW.organization_id, NEW.claim_id, NEW.issued_at, false
    FROM claims_verdict b
    WHERE b.id = NEW.supersedes_id
      AND (b.outcome, b.label) IS DISTINCT FROM (NEW.outcome, NEW.label);
    RETURN NULL;
END
$$;
CREATE TRIGGER verdict_corrects AFTER INSERT ON claims_verdict
    FOR EACH ROW WHEN (NEW.supersedes_id IS NOT NULL)
    EXECUTE FUNCTION claims_verdict_corrects_v1();

CREATE FUNCTION claims_contest_corrects_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO claims_correction (verdict_id, organization_id, claim_id, corrected_at, contested)
    SELECT id, organization_id, claim_id, issued_at, true
    FROM claims_verdict WHERE id = NEW.correction_id
    ON CONFLICT (verdict_id) DO UPDATE SET contested = true;
    RETURN NULL;
END
$$;
CREATE TRIGGER contest_corrects AFTER UPDATE ON claims_contest
    FOR EACH ROW WHEN (NEW.correction_id IS NOT NULL)
    EXECUTE FUNCTION claims_contest_corrects_v1();

CREATE TRIGGER correction_never_deleted BEFORE DELETE ON claims_correction
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER correction_never_truncated BEFORE TRUNCATE ON claims_correction
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

-- Of what was filed before there was such a list.
INSERT INTO claims_correction (verdict_id, organization_id, claim_id, corrected_at, contested)
SELECT v.id, v.organization_id, v.claim_id, v.issued_at, false
FROM claims_verdict v JOIN claims_verdict b ON b.id = v.supersedes_id
WHERE (b.outcome, b.label) IS DISTINCT FROM (v.outcome, v.label)
ON CONFLICT (verdict_id) DO NOTHING;
