-- Fails where external organizations have verdicts: these cannot be told without them.
DROP TRIGGER verdict_issued_by_its_own_member ON claims_verdict;
DROP FUNCTION claims_verdict_issued_by_its_own_member_v1();
ALTER TABLE claims_verdict
    ADD CONSTRAINT verdict_issued_by_its_own_member
        FOREIGN KEY (issued_by_id, organization_id) REFERENCES claims_member (id, organization_id);
DROP TRIGGER member_keeps_its_organization ON claims_member;
DROP FUNCTION claims_member_keeps_its_organization_v1();
DROP TRIGGER member_belongs_to_a_desk ON claims_member;
DROP FUNCTION claims_member_belongs_to_a_desk_v1();
DROP TRIGGER organization_keeps_its_site ON claims_organization;
DROP FUNCTION claims_organization_keeps_its_site_v1();
