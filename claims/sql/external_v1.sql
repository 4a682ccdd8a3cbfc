-- External organizations: known by the site that they publish on, without members of their own.
-- What they found is filed by members of desks.

-- Whether it is external is settled when it is made, so what is asked below stays true.
CREATE FUNCTION claims_organization_keeps_its_site_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an organization is external from its first day on, or never'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'organization_keeps_its_site';
END
$$;
CREATE TRIGGER organization_keeps_its_site
    BEFORE UPDATE OF id, external_site ON claims_organization
    FOR EACH ROW
    WHEN ((NEW.id, NEW.external_site) IS DISTINCT FROM (OLD.id, OLD.external_site))
    EXECUTE FUNCTION claims_organization_keeps_its_site_v1();

-- Keys belong to members: without any, nobody can act as an external organization.
CREATE FUNCTION claims_member_belongs_to_a_desk_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM claims_organization
               WHERE id = NEW.organization_id AND external_site IS NOT NULL)
    THEN
        RAISE EXCEPTION 'an external organization has no members here'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'member_belongs_to_a_desk';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER member_belongs_to_a_desk BEFORE INSERT ON claims_member
    FOR EACH ROW EXECUTE FUNCTION claims_member_belongs_to_a_desk_v1();

-- As the foreign key held it, which stood for the next rule until now.
CREATE FUNCTION claims_member_keeps_its_organization_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a member stays with its organization'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'member_keeps_its_organization';
END
$$;
CREATE TRIGGER member_keeps_its_organization
    BEFORE UPDATE OF id, organization_id ON claims_member
    FOR EACH ROW
    WHEN ((NEW.id, NEW.organization_id) IS DISTINCT FROM (OLD.id, OLD.organization_id))
    EXECUTE FUNCTION claims_member_keeps_its_organization_v1();

-- A verdict is issued by a member of its own organization; that of an external organization, which
-- has none, by whoever filed it.
ALTER TABLE claims_verdict DROP CONSTRAINT verdict_issued_by_its_own_member;
CREATE FUNCTION claims_verdict_issued_by_its_own_member_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM claims_member
                   WHERE id = NEW.issued_by_id AND organization_id = NEW.organization_id)
        AND NOT EXISTS (SELECT FROM claims_organization
                        WHERE id = NEW.organization_id AND external_site IS NOT NULL)
    THEN
        RAISE EXCEPTION 'a verdict of a desk is issued by a member of that desk'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_issued_by_its_own_member';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER verdict_issued_by_its_own_member BEFORE INSERT ON claims_verdict
    FOR EACH ROW WHEN (NEW.issued_by_id IS NOT NULL)
    EXECUTE FUNCTION claims_verdict_issued_by_its_own_member_v1();
