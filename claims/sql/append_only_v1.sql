-- What is append-only is so for everybody, the owner of the tables included.
CREATE FUNCTION claims_refuse_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = replace(TG_TABLE_NAME, 'claims_', '') || '_append_only';
END
$$;

DO $$
DECLARE
    entity text;
BEGIN
    FOREACH entity IN ARRAY ARRAY[
        'snapshot', 'appearance', 'relay', 'anchor', 'verdict', 'evidence', 'change'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_append_only BEFORE UPDATE OR DELETE ON claims_%1$s
             FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1()', entity);
        EXECUTE format(
            'CREATE TRIGGER %1$s_never_truncated BEFORE TRUNCATE ON claims_%1$s
             FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1()', entity);
    END LOOP;
    -- The rest of the record can be edited, but nothing of it goes away.
    FOREACH entity IN ARRAY ARRAY[
        'publisher', 'article', 'speaker', 'claim', 'assertion', 'organization', 'member',
        'apikey', 'content'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_never_deleted BEFORE DELETE ON claims_%1$s
             FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1()', entity);
        EXECUTE format(
            'CREATE TRIGGER %1$s_never_truncated BEFORE TRUNCATE ON claims_%1$s
             FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1()', entity);
    END LOOP;
END
$$;

-- A Content begins with its text: a missing one means that the owner erased it.
CREATE FUNCTION claims_content_begins_with_text_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a content begins with its text'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'content_begins_with_text';
END
$$;
CREATE TRIGGER content_begins_with_text BEFORE INSERT ON claims_content
    FOR EACH ROW WHEN (NEW.text IS NULL) EXECUTE FUNCTION claims_content_begins_with_text_v1();

-- A Content changes once at most: when its text is erased. Hash and length stay.
CREATE FUNCTION claims_content_only_erased_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.text IS NOT NULL OR OLD.text IS NULL OR NEW.erased_at IS NULL
        OR (NEW.id, NEW.sha256, NEW.length) IS DISTINCT FROM (OLD.id, OLD.sha256, OLD.length)
    THEN
        RAISE EXCEPTION 'a content can be erased, but not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'content_only_erased';
    END IF;
    NEW.salt := NULL;  -- with it, a short text could still be guessed from the hash
    RETURN NEW;
END
$$;
CREATE TRIGGER content_only_erased BEFORE UPDATE ON claims_content
    FOR EACH ROW EXECUTE FUNCTION claims_content_only_erased_v1();
