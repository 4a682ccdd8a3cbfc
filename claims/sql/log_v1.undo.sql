DROP FUNCTION claims_change_waits_v1() CASCADE;
ALTER TABLE claims_logentry
    DROP CONSTRAINT log_has_no_gaps,
    DROP CONSTRAINT log_leaf_hash_is_of_its_entry,
    DROP CONSTRAINT log_entry_fits_a_bundle;
ALTER TABLE claims_tile DROP CONSTRAINT tile_is_full;
ALTER TABLE claims_checkpoint DROP CONSTRAINT checkpoint_is_of_the_log;
DROP TRIGGER logentry_append_only ON claims_logentry;
DROP TRIGGER logentry_never_truncated ON claims_logentry;
DROP TRIGGER tile_append_only ON claims_tile;
DROP TRIGGER tile_never_truncated ON claims_tile;
DROP TRIGGER checkpoint_append_only ON claims_checkpoint;
DROP TRIGGER checkpoint_never_truncated ON claims_checkpoint;
DROP TRIGGER logkey_append_only ON claims_logkey;
DROP TRIGGER logkey_never_truncated ON claims_logkey;
