DROP FUNCTION claims_claim_status_follows_verdicts_v1() CASCADE;
DROP FUNCTION claims_status_by_rule_v1(uuid);
DROP FUNCTION claims_claim_fixed_once_judged_v1() CASCADE;
DROP FUNCTION claims_verdict_is_sound_v1() CASCADE;
DROP FUNCTION claims_assertion_joins_statement_to_fact_v1() CASCADE;
DROP FUNCTION claims_anchor_lies_in_snapshot_v1() CASCADE;
DROP FUNCTION claims_appearance_lies_in_snapshot_v1() CASCADE;
ALTER TABLE claims_verdict
    DROP CONSTRAINT verdict_supersedes_its_own_chain,
    DROP CONSTRAINT verdict_identity,
    DROP CONSTRAINT verdict_issued_by_its_own_member;
ALTER TABLE claims_evidence DROP CONSTRAINT evidence_derived_from_its_own_verdict;
ALTER TABLE claims_member DROP CONSTRAINT member_identity;
ALTER TABLE claims_appearance
    DROP CONSTRAINT appearance_passage_is_as_long_as_its_offsets,
    DROP CONSTRAINT appearance_snapshot_is_of_its_article;
DROP FUNCTION claims_snapshot_hash_is_plain_v1() CASCADE;
ALTER TABLE claims_snapshot
    DROP CONSTRAINT snapshot_identity,
    DROP CONSTRAINT snapshot_describes_its_content,
    DROP CONSTRAINT snapshot_hash_is_32_bytes;
ALTER TABLE claims_content
    DROP CONSTRAINT content_identity,
    DROP CONSTRAINT content_salt_is_16_bytes,
    DROP CONSTRAINT content_hash_and_length_are_of_its_text;
