DROP TRIGGER placement_never_truncated ON claims_placement;
DROP TRIGGER placement_never_deleted ON claims_placement;
DROP FUNCTION claims_placements_follow_article_v1() CASCADE;
DROP FUNCTION claims_appearance_is_placed_v1() CASCADE;
DROP FUNCTION claims_verdict_knows_its_claim_v1() CASCADE;
DROP FUNCTION claims_claim_keeps_its_time_v1() CASCADE;
