-- Pairs of claims that people decide about, and facts that contradict each other.

-- Decisions

ALTER TABLE claims_relation
    ADD CONSTRAINT relation_decided_by_its_own_member
        FOREIGN KEY (decided_by_id, organization_id) REFERENCES claims_member (id, organization_id);
CREATE TRIGGER relation_append_only BEFORE UPDATE OR DELETE ON claims_relation
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER relation_never_truncated BEFORE TRUNCATE ON claims_relation
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

CREATE FUNCTION claims_relation_is_sound_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    before record;
BEGIN
    -- One decision on a claim after the other, and of two claims always the same one first.
    PERFORM FROM claims_claim WHERE id IN (NEW.claim_id, NEW.other_id)
    ORDER BY id FOR NO KEY UPDATE;
    IF NEW.supersedes_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO before FROM claims_relation WHERE id = NEW.supersedes_id;
    IF before.id IS NULL OR before.organization_id <> NEW.organization_id
        OR least(before.claim_id, before.other_id) <> least(NEW.claim_id, NEW.other_id)
        OR greatest(before.claim_id, before.other_id) <> greatest(NEW.claim_id, NEW.other_id)
    THEN
        RAISE EXCEPTION 'a decision supersedes one of its own organization on the same pair'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'relation_supersedes_its_own_chain';
    END IF;
    IF NEW.relation = 'withdrawn' AND before.relation = 'withdrawn' THEN
        RAISE EXCEPTION 'what is withdrawn cannot be withdrawn again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_of_standing_relation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER relation_is_sound BEFORE INSERT ON claims_relation
    FOR EACH ROW EXECUTE FUNCTION claims_relation_is_sound_v1();

-- What stands between a claim and others, whoever decided it. same: confirmed by one organization
-- at least, denied by none. apart: marked as not the same by one at least. reconciled: both can be
-- true, and none says otherwise.
CREATE FUNCTION claims_related_v1(one uuid)
RETURNS TABLE (other uuid, same boolean, apart boolean, reconciled boolean, contradicts boolean)
LANGUAGE sql STABLE AS $$
    SELECT r.other,
        bool_or(r.relation IN ('same', 'translation_of'))
            AND NOT bool_or(r.relation = 'not_the_same'),
        bool_or(r.relation = 'not_the_same'),
        bool_or(r.relation IN ('not_the_same', 'narrows', 'updates'))
            AND NOT bool_or(r.relation = 'contradicts'),
        bool_or(r.relation = 'contradicts')
    FROM (
        SELECT id, other_id AS other, relation FROM claims_relation WHERE claim_id = one
        UNION ALL
        SELECT id, claim_id, relation FROM claims_relation WHERE other_id = one
    ) AS r
    WHERE r.relation <> 'withdrawn'
      AND NOT EXISTS (SELECT FROM claims_relation later WHERE later.supersedes_id = r.id)
    GROUP BY r.other
$$;

-- Where confirmed pairs lead from a claim, not by way of those that are left out; the first
-- thousand or so.
CREATE FUNCTION claims_reached_v1(start uuid, without uuid[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    reached uuid[] := ARRAY[start];
    newest uuid[] := ARRAY[start];
BEGIN
    WHILE cardinality(newest) > 0 AND cardinality(reached) < 1000 LOOP
        newest := ARRAY(
            SELECT DISTINCT r.other
            FROM unnest(newest) AS one CROSS JOIN LATERAL claims_related_v1(one) AS r
            WHERE r.same AND r.other <> ALL (without) AND r.other <> ALL (reached)
            ORDER BY r.other);
        reached := reached || newest;
    END LOOP;
    RETURN array_remove(reached, start);
END
$$;

-- The claims that are in one cluster with this one (docs/adr/0026): a chain of confirmed pairs
-- leads there, over claims of which none is marked as not the same as either of its ends.
CREATE FUNCTION claims_cluster_v1(start uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    apart uuid[] := ARRAY(SELECT r.other FROM claims_related_v1(start) AS r WHERE r.apart);
    reached uuid[] := claims_reached_v1(start, apart);
    found uuid[] := '{}';
    also_apart uuid[];
    it uuid;
BEGIN
    FOREACH it IN ARRAY reached LOOP
        also_apart := ARRAY(
            SELECT r.other FROM claims_related_v1(it) AS r
            WHERE r.apart AND r.other = ANY (reached));
        IF cardinality(also_apart) = 0
            OR it = ANY (claims_reached_v1(start, apart || also_apart))
        THEN
            found := found || it;
        END IF;
    END LOOP;
    RETURN found;
END
$$;

-- Facts by what they are about

-- Verdicts rewrite these rows: cleaned up as those of claims are.
ALTER TABLE claims_extent
    SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE TRIGGER extent_never_deleted BEFORE DELETE ON claims_extent
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER extent_never_truncated BEFORE TRUNCATE ON claims_extent
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER matter_never_deleted BEFORE DELETE ON claims_matter
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER matter_never_truncated BEFORE TRUNCATE ON claims_matter
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

-- Of the extents of some matters, on each scale and of each status, those that begin last and
-- those that end first. If any two of them disagree, two of these do; and if `most` of all pairs
-- do not count, then two of the first `most` + 1 do.
CREATE FUNCTION claims_extremes_v1(matters uuid[], most integer)
RETURNS TABLE (claim uuid, scale text, status text, low numeric, high numeric)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE kinds AS (
        SELECT m.id AS matter, k.scale, k.status
        FROM unnest(matters) AS m(id) CROSS JOIN LATERAL (
            SELECT e.scale, e.status FROM claims_extent e
            WHERE e.matter = m.id AND e.scale IS NOT NULL
            ORDER BY e.scale, e.status LIMIT 1) AS k
        UNION ALL
        SELECT k.matter, n.scale, n.status
        FROM kinds k CROSS JOIN LATERAL (
            SELECT e.scale, e.status FROM claims_extent e
            WHERE e.matter = k.matter AND e.scale IS NOT NULL
              AND (e.scale, e.status) > (k.scale, k.status)
            ORDER BY e.scale, e.status LIMIT 1) AS n
    )
    SELECT f.claim_id, f.scale::text, f.status::text, f.low, f.high
    FROM kinds k CROSS JOIN LATERAL (
        (SELECT e.claim_id, e.scale, e.status, e.low, e.high FROM claims_extent e
         WHERE e.matter = k.matter AND e.scale = k.scale AND e.status = k.status
           AND e.low IS NOT NULL
         ORDER BY e.low DESC LIMIT most)
        UNION
        (SELECT e.claim_id, e.scale, e.status, e.low, e.high FROM claims_extent e
         WHERE e.matter = k.matter AND e.scale = k.scale AND e.status = k.status
           AND e.high IS NOT NULL
         ORDER BY e.high LIMIT most)
    ) AS f
$$;

-- How many pairs of facts of these matters can both be true, because people say so.
CREATE FUNCTION claims_reconciled_v1(matters uuid[]) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT count(*)::integer FROM claims_extent x
    CROSS JOIN LATERAL claims_related_v1(x.claim_id) AS r
    JOIN claims_extent y ON y.claim_id = r.other AND y.matter = ANY (matters)
    WHERE x.matter = ANY (matters) AND r.reconciled AND x.claim_id < y.claim_id
      AND EXISTS (SELECT FROM claims_matter m WHERE m.id = ANY (matters) AND m.is_decided)
$$;

CREATE FUNCTION claims_pair_rank_v1(one text, other text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN one = 'verified' AND other = 'verified' THEN 2
                WHEN 'disputed' IN (one, other) THEN 0 ELSE 1 END
$$;

-- Of the pairs that contradict each other, by their values or because people say so: claims, rank,
-- and which of the two reasons it is. Of many, those of the `more` + 1 outermost values.
CREATE FUNCTION claims_contradictions_v1(matters uuid[], more integer)
RETURNS TABLE (one uuid, other uuid, rank integer, by_value boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    decided boolean := EXISTS (
        SELECT FROM claims_matter m WHERE m.id = ANY (matters) AND m.is_decided);
    reconciled integer := CASE WHEN decided THEN claims_reconciled_v1(matters) ELSE 0 END;
BEGIN
    RETURN QUERY
        WITH extreme AS MATERIALIZED (
            SELECT * FROM claims_extremes_v1(matters, more + 1 + reconciled))
        SELECT a.claim, b.claim, claims_pair_rank_v1(a.status, b.status), true
        FROM extreme a JOIN extreme b ON a.scale = b.scale AND a.high <= b.low
        WHERE reconciled = 0 OR NOT EXISTS (
            SELECT FROM claims_related_v1(a.claim) AS r WHERE r.other = b.claim AND r.reconciled);
    IF decided THEN
        RETURN QUERY
            SELECT x.claim_id, y.claim_id, claims_pair_rank_v1(x.status, y.status), false
            FROM claims_extent x
            CROSS JOIN LATERAL claims_related_v1(x.claim_id) AS r
            JOIN claims_extent y ON y.claim_id = r.other AND y.matter = ANY (matters)
            WHERE x.matter = ANY (matters) AND r.contradicts AND x.claim_id < y.claim_id;
    END IF;
END
$$;

-- Which matters are one, and whether their facts contradict each other; of these and of all that
-- they are one with. They stay locked, so that whoever changes another fact of them sees this.
-- regroup: whether facts were confirmed as the same, or no longer, or moved. judged: whether nothing
-- changed but the status of facts.
CREATE FUNCTION claims_settle_v1(changed uuid[], regroup boolean, judged boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    members uuid[];
    together uuid[];
    worst integer;
    it uuid;
    noticed_at timestamptz;
    quiet boolean;
BEGIN
    -- A fact that is alone contradicts nothing; so it is with most. And what contradicted nothing
    -- before does not do so because it is judged. A root is the first of those that it is one with,
    -- so locking it before the others keeps the order. Without waiting: who waits holds it in the end
    -- even if it has become another's meanwhile.
    IF cardinality(changed) = 1 AND NOT regroup THEN
        SELECT rank IS NULL INTO quiet FROM claims_matter
        WHERE id = changed[1] AND root = id FOR NO KEY UPDATE SKIP LOCKED;
        IF quiet AND (judged OR (
            NOT EXISTS (SELECT FROM claims_extent WHERE matter = changed[1] OFFSET 1)
            AND NOT EXISTS (SELECT FROM claims_matter WHERE root = changed[1] AND id <> root)))
        THEN
            RETURN;
        END IF;
    END IF;
    LOOP
        BEGIN
            members := ARRAY(
                SELECT id FROM claims_matter
                WHERE root IN (SELECT root FROM claims_matter WHERE id = ANY (changed))
                ORDER BY id FOR NO KEY UPDATE);
            -- Whoever held the locks may have joined others to them. Locking these as well would
            -- be out of order: all are let go of, by undoing this block, and locked anew.
            IF EXISTS (
                SELECT id FROM claims_matter
                WHERE root IN (SELECT root FROM claims_matter WHERE id = ANY (changed))
                EXCEPT SELECT unnest(members))
            THEN
                RAISE SQLSTATE 'ISN01';
            END IF;
            EXIT;
        EXCEPTION WHEN SQLSTATE 'ISN01' THEN
            NULL;
        END;
    END LOOP;
    IF regroup THEN
        UPDATE claims_matter SET is_decided = true WHERE id = ANY (changed) AND NOT is_decided;
        UPDATE claims_matter m SET root = found.root
        FROM (
            WITH RECURSIVE link AS MATERIALIZED (
                SELECT DISTINCT x.matter AS one, y.matter AS other
                FROM claims_extent x
                CROSS JOIN LATERAL claims_related_v1(x.claim_id) AS r
                JOIN claims_extent y ON y.claim_id = r.other AND y.matter = ANY (members)
                WHERE x.matter = ANY (members) AND r.same AND x.matter <> y.matter
            ), walk AS (
                SELECT id AS start, id AS at FROM unnest(members) AS member(id)
                UNION SELECT walk.start, link.other FROM walk JOIN link ON link.one = walk.at
            )
            SELECT start, min(at::text COLLATE "C")::uuid AS root FROM walk GROUP BY start
        ) AS found
        WHERE m.id = found.start AND m.root <> found.root;
        UPDATE claims_matter SET rank = NULL, found_at = NULL, place = NULL
        WHERE id = ANY (members) AND root <> id AND rank IS NOT NULL;
    END IF;
    FOR it IN
        SELECT id FROM claims_matter m
        WHERE m.id = ANY (members) AND m.root = m.id AND (
            m.rank IS NOT NULL
            OR EXISTS (SELECT FROM claims_extent e WHERE e.matter = m.id OFFSET 1)
            OR EXISTS (SELECT FROM claims_matter n WHERE n.root = m.id AND n.id <> m.id))
        ORDER BY id
    LOOP
        noticed_at := clock_timestamp();
        together := ARRAY(SELECT id FROM claims_matter WHERE root = it);
        worst := (SELECT max(rank) FROM claims_contradictions_v1(together, 0));
        UPDATE claims_matter m
        SET rank = worst,
            found_at = CASE WHEN worst IS NOT NULL THEN coalesce(m.found_at, noticed_at) END,
            place = worst * 10000000000000000
                + (extract(epoch FROM coalesce(m.found_at, noticed_at)) * 1000000)::bigint
        WHERE m.id = it AND m.rank IS DISTINCT FROM worst;
    END LOOP;
END
$$;

CREATE FUNCTION claims_facts_are_grouped_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO claims_matter (id, root, subject, property)
    SELECT DISTINCT ON (matter) matter, matter, subject, property FROM filed ORDER BY matter
    ON CONFLICT (id) DO NOTHING;
    PERFORM claims_settle_v1(ARRAY(SELECT DISTINCT matter FROM filed), false, false);
    RETURN NULL;
END
$$;
CREATE TRIGGER facts_are_grouped AFTER INSERT ON claims_extent
    REFERENCING NEW TABLE AS filed
    FOR EACH STATEMENT EXECUTE FUNCTION claims_facts_are_grouped_v1();

CREATE FUNCTION claims_facts_are_regrouped_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved uuid[] := ARRAY(
        SELECT claim_id FROM filed f JOIN before b USING (claim_id) WHERE f.matter <> b.matter);
BEGIN
    IF cardinality(moved) > 0 THEN
        INSERT INTO claims_matter (id, root, subject, property)
        SELECT DISTINCT ON (matter) matter, matter, subject, property FROM filed ORDER BY matter
        ON CONFLICT (id) DO NOTHING;
    END IF;
    PERFORM claims_settle_v1(
        ARRAY(SELECT matter FROM filed UNION SELECT matter FROM before),
        EXISTS (SELECT FROM claims_relation
                WHERE claim_id = ANY (moved) OR other_id = ANY (moved)),
        NOT EXISTS (SELECT FROM filed f JOIN before b USING (claim_id)
                    WHERE (f.matter, f.scale, f.low, f.high)
                        IS DISTINCT FROM (b.matter, b.scale, b.low, b.high)));
    RETURN NULL;
END
$$;
CREATE TRIGGER facts_are_regrouped AFTER UPDATE ON claims_extent
    REFERENCING OLD TABLE AS before NEW TABLE AS filed
    FOR EACH STATEMENT EXECUTE FUNCTION claims_facts_are_regrouped_v1();

CREATE FUNCTION claims_pair_is_settled_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    matters uuid[] := ARRAY(
        SELECT matter FROM claims_extent WHERE claim_id IN (NEW.claim_id, NEW.other_id));
BEGIN
    IF cardinality(matters) = 2 THEN
        PERFORM claims_settle_v1(matters, true, false);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER pair_is_settled AFTER INSERT ON claims_relation
    FOR EACH ROW EXECUTE FUNCTION claims_pair_is_settled_v1();

-- Verdicts say which of two facts is to be believed.
CREATE FUNCTION claims_extent_follows_status_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE claims_extent SET status = NEW.status WHERE claim_id = NEW.id AND status <> NEW.status;
    RETURN NULL;
END
$$;
CREATE TRIGGER extent_follows_status AFTER UPDATE OF status ON claims_claim
    FOR EACH ROW WHEN (NEW.kind = 'fact' AND NEW.status <> OLD.status)
    EXECUTE FUNCTION claims_extent_follows_status_v1();

-- What is there already.
INSERT INTO claims_matter (id, root, subject, property)
SELECT DISTINCT ON (matter) matter, matter, subject, property FROM claims_extent ORDER BY matter;
ANALYZE claims_extent, claims_matter;
SELECT claims_settle_v1(
    ARRAY(SELECT matter FROM claims_extent GROUP BY matter HAVING count(*) > 1), false, false);
