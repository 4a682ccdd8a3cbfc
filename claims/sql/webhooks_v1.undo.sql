DROP TRIGGER attempt_append_only ON claims_attempt;
DROP TRIGGER attempt_never_truncated ON claims_attempt;
DROP TRIGGER webhook_never_deleted ON claims_webhook;
DROP TRIGGER webhook_never_truncated ON claims_webhook;
DROP TRIGGER delivery_never_deleted ON claims_delivery;
DROP TRIGGER delivery_never_truncated ON claims_delivery;
ALTER TABLE claims_delivery RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold
);
