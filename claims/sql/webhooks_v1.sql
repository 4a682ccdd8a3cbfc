-- What was attempted is not rewritten; a subscription can be edited and ended, but stays.
CREATE TRIGGER attempt_append_only BEFORE UPDATE OR DELETE ON claims_attempt
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER attempt_never_truncated BEFORE TRUNCATE ON claims_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER webhook_never_deleted BEFORE DELETE ON claims_webhook
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER webhook_never_truncated BEFORE TRUNCATE ON claims_webhook
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER delivery_never_deleted BEFORE DELETE ON claims_delivery
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER delivery_never_truncated BEFORE TRUNCATE ON claims_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

-- Each row is written three times within a second: leased, settled, and gone from the indexes of
-- what waits, whose dead entries would be read again and again.
ALTER TABLE claims_delivery SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000
);
