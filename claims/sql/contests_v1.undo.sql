DROP TRIGGER correction_never_truncated ON claims_correction;
DROP TRIGGER correction_never_deleted ON claims_correction;
DROP TRIGGER contest_corrects ON claims_contest;
DROP FUNCTION claims_contest_corrects_v1();
DROP TRIGGER verdict_corrects ON claims_verdict;
DROP FUNCTION claims_verdict_corrects_v1();
DROP TRIGGER contest_never_truncated ON claims_contest;
DROP TRIGGER contest_never_deleted ON claims_contest;
DROP TRIGGER contest_is_corrected_later ON claims_contest;
DROP FUNCTION claims_contest_is_corrected_later_v1();
DROP TRIGGER contest_stays ON claims_contest;
DROP FUNCTION claims_contest_stays_v1();
DROP TRIGGER contest_is_sound ON claims_contest;
DROP FUNCTION claims_contest_is_sound_v1();
ALTER TABLE claims_contest
    DROP CONSTRAINT contest_resolved_by_its_own_member,
    DROP CONSTRAINT contest_corrected_by_its_organization,
    DROP CONSTRAINT contest_of_a_verdict_of_its_organization;
