-- Rating scales, the verdicts that are given by them, and those that are to be looked at again.

CREATE TRIGGER ratingscale_append_only BEFORE UPDATE OR DELETE ON claims_ratingscale
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER ratingscale_never_truncated BEFORE TRUNCATE ON claims_ratingscale
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER rating_append_only BEFORE UPDATE OR DELETE ON claims_rating
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER rating_never_truncated BEFORE TRUNCATE ON claims_rating
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

-- Null: an operator.
ALTER TABLE claims_ratingscale
    ADD CONSTRAINT scale_changed_by_its_own_member
        FOREIGN KEY (created_by_id, organization_id) REFERENCES claims_member (id, organization_id);

CREATE FUNCTION claims_scale_is_sound_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM claims_organization
               WHERE id = NEW.organization_id AND external_site IS NOT NULL)
    THEN
        RAISE EXCEPTION 'an external organization has no scale here'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scale_belongs_to_a_desk';
    END IF;
    IF NEW.version > 1 AND NOT EXISTS (
        SELECT FROM claims_ratingscale
        WHERE organization_id = NEW.organization_id AND version = NEW.version - 1)
    THEN
        RAISE EXCEPTION 'a version of a scale follows the one before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scale_version_follows';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER scale_is_sound BEFORE INSERT ON claims_ratingscale
    FOR EACH ROW EXECUTE FUNCTION claims_scale_is_sound_v1();

-- Whole when its transaction ends: as each of its places is taken then, nothing comes to it later.
CREATE FUNCTION claims_scale_is_whole_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size <> (SELECT count(*) FROM claims_rating WHERE scale_id = NEW.id) THEN
        RAISE EXCEPTION 'a scale has all its ratings from the beginning'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scale_is_whole';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER scale_is_whole AFTER INSERT ON claims_ratingscale
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION claims_scale_is_whole_v1();

CREATE FUNCTION claims_rating_is_sound_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position >= (SELECT size FROM claims_ratingscale WHERE id = NEW.scale_id) THEN
        RAISE EXCEPTION 'the scale has no such place'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_has_its_place';
    END IF;
    -- Asked one after the other: what is no object has no parts.
    IF jsonb_typeof(NEW.labels) <> 'object' OR NEW.labels = '{}' THEN
        RAISE EXCEPTION 'a rating has a label, by language'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_labels_are_words';
    END IF;
    IF EXISTS (SELECT FROM jsonb_each(NEW.labels) AS l(tag, label)
               WHERE jsonb_typeof(label) <> 'string' OR label #>> '{}' !~ '\S'
                  OR length(label #>> '{}') > 80)
    THEN
        RAISE EXCEPTION 'a label is a text of 80 characters at most'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_labels_are_words';
    END IF;
    IF EXISTS (
        SELECT FROM claims_rating r
        CROSS JOIN jsonb_each_text(r.labels) AS there(tag, label)
        JOIN jsonb_each_text(NEW.labels) AS own(tag, label) USING (label)
        WHERE r.scale_id = NEW.scale_id AND r.id <> NEW.id)
    THEN
        RAISE EXCEPTION 'a label is that of one rating of its scale'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_label_of_one_alone';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rating_is_sound BEFORE INSERT ON claims_rating
    FOR EACH ROW EXECUTE FUNCTION claims_rating_is_sound_v1();

CREATE FUNCTION claims_verdict_is_as_rated_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM claims_rating r JOIN claims_ratingscale s ON s.id = r.scale_id
        WHERE r.id = NEW.rating_id AND s.organization_id = NEW.organization_id
          AND r.outcome = NEW.outcome
          AND NEW.label IN (SELECT label FROM jsonb_each_text(r.labels) AS l(tag, label)))
    THEN
        RAISE EXCEPTION 'a verdict has label and outcome of its rating, on a scale of its own desk'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_is_as_rated';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER verdict_is_as_rated BEFORE INSERT ON claims_verdict
    FOR EACH ROW WHEN (NEW.rating_id IS NOT NULL)
    EXECUTE FUNCTION claims_verdict_is_as_rated_v1();

-- As the owner: the role that serves requests can only read what is due.
CREATE FUNCTION claims_verdict_is_due_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.supersedes_id IS NOT NULL THEN
        DELETE FROM claims_due WHERE verdict_id = NEW.supersedes_id;
    END IF;
    IF NEW.valid_until IS NOT NULL OR NEW.recheck_on IS NOT NULL THEN
        INSERT INTO claims_due (verdict_id, organization_id, due_on)
        VALUES (NEW.id, NEW.organization_id, least(NEW.valid_until, NEW.recheck_on));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER verdict_is_due AFTER INSERT ON claims_verdict
    FOR EACH ROW
    WHEN (NEW.supersedes_id IS NOT NULL OR NEW.valid_until IS NOT NULL
          OR NEW.recheck_on IS NOT NULL)
    EXECUTE FUNCTION claims_verdict_is_due_v1();

-- Only the trigger above takes one away.
CREATE TRIGGER due_never_deleted BEFORE DELETE ON claims_due
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER due_never_truncated BEFORE TRUNCATE ON claims_due
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
