DROP TRIGGER invitation_never_deleted ON claims_invitation;
DROP TRIGGER invitation_never_truncated ON claims_invitation;
DROP FUNCTION claims_invitation_ends_once_v1() CASCADE;
DROP FUNCTION claims_member_stays_erased_v1() CASCADE;
