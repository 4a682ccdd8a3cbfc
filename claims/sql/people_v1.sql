-- Invitations are record: none goes away, and each lets in one person at most.

CREATE TRIGGER invitation_never_deleted BEFORE DELETE ON claims_invitation
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER invitation_never_truncated BEFORE TRUNCATE ON claims_invitation
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

CREATE FUNCTION claims_invitation_ends_once_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an invitation that was accepted or revoked stays so'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'invitation_ends_once';
END
$$;
CREATE TRIGGER invitation_ends_once
    BEFORE UPDATE OF accepted_at, accepted_by_id, revoked_at ON claims_invitation
    FOR EACH ROW
    WHEN (coalesce(OLD.accepted_at, OLD.revoked_at) IS NOT NULL
        AND (NEW.accepted_at, NEW.accepted_by_id, NEW.revoked_at)
            IS DISTINCT FROM (OLD.accepted_at, OLD.accepted_by_id, OLD.revoked_at))
    EXECUTE FUNCTION claims_invitation_ends_once_v1();

-- What a law forced out of a member does not come back, and nobody acts as that member again.
CREATE FUNCTION claims_member_stays_erased_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a member that was erased stays so'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'member_stays_erased';
END
$$;
CREATE TRIGGER member_stays_erased BEFORE UPDATE ON claims_member
    FOR EACH ROW
    WHEN (OLD.erased_at IS NOT NULL AND NEW.erased_at IS DISTINCT FROM OLD.erased_at)
    EXECUTE FUNCTION claims_member_stays_erased_v1();
