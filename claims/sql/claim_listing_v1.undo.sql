ALTER TABLE claims_verdict RESET (autovacuum_analyze_scale_factor);
ALTER TABLE claims_placement RESET (autovacuum_analyze_scale_factor);
ALTER TABLE claims_claim
    RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
DROP FUNCTION claims_listings_follow_publisher_v1() CASCADE;
DROP FUNCTION claims_claim_is_listed_under_publisher_v1() CASCADE;
DROP FUNCTION claims_claim_is_listed_under_who_judges_v1() CASCADE;
DROP FUNCTION claims_listings_follow_claim_v1() CASCADE;
DROP FUNCTION claims_claims_are_listed_v1() CASCADE;
DROP FUNCTION claims_list_claim_v1(uuid, uuid);
DROP TRIGGER listing_never_truncated ON claims_listing;
DROP TRIGGER listing_never_deleted ON claims_listing;
TRUNCATE claims_listing;
