-- The log: every committed Change gets one number, in order and without gaps.

-- Every Change waits for its number, whoever writes it.
CREATE FUNCTION claims_change_waits_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_unnumbered (change_id) SELECT id FROM written;
    RETURN NULL;
END
$$;
CREATE TRIGGER change_waits AFTER INSERT ON claims_change
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION claims_change_waits_v1();

-- It empties and fills all day: without this, its dead rows would be read again and again.
ALTER TABLE claims_unnumbered SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

-- Each entry refers to the one before it, so there can be no gap; and nothing is ever deleted.
ALTER TABLE claims_logentry
    ADD CONSTRAINT log_has_no_gaps FOREIGN KEY (previous) REFERENCES claims_logentry (number),
    ADD CONSTRAINT log_leaf_hash_is_of_its_entry CHECK (
        leaf_hash = sha256('\x00'::bytea || convert_to(entry, 'UTF8'))
    ),
    -- C2SP tlog-tiles gives the length of an entry 16 bits.
    ADD CONSTRAINT log_entry_fits_a_bundle CHECK (octet_length(entry) <= 65535);
ALTER TABLE claims_tile
    ADD CONSTRAINT tile_is_full CHECK (octet_length(hashes) = 8192 AND octet_length(root) = 32);
ALTER TABLE claims_checkpoint
    ADD CONSTRAINT checkpoint_is_of_the_log
        FOREIGN KEY (size) REFERENCES claims_logentry (number);

DO $$
DECLARE
    entity text;
BEGIN
    FOREACH entity IN ARRAY ARRAY['logentry', 'tile', 'checkpoint', 'logkey'] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_append_only BEFORE UPDATE OR DELETE ON claims_%1$s
             FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1()', entity);
        EXECUTE format(
            'CREATE TRIGGER %1$s_never_truncated BEFORE TRUNCATE ON claims_%1$s
             FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1()', entity);
    END LOOP;
END
$$;
