-- Invariants that span rows. Each refusal carries the name of its constraint.

ALTER TABLE claims_content
    ADD CONSTRAINT content_hash_and_length_are_of_its_text CHECK (
        text IS NULL
        OR (sha256 = sha256(coalesce(salt, '') || convert_to(text, 'UTF8'))
            AND length = char_length(text))
    ),
    ADD CONSTRAINT content_salt_is_16_bytes CHECK (octet_length(salt) = 16),
    ADD CONSTRAINT content_identity UNIQUE (id, sha256, length);

-- A snapshot's hash and length are those of its content, by reference.
ALTER TABLE claims_snapshot
    ADD CONSTRAINT snapshot_hash_is_32_bytes CHECK (octet_length(sha256) = 32),
    ADD CONSTRAINT snapshot_describes_its_content
        FOREIGN KEY (content_id, sha256, length) REFERENCES claims_content (id, sha256, length),
    ADD CONSTRAINT snapshot_identity UNIQUE (id, article_id);

-- The hash of a snapshot is public, and of the text alone.
CREATE FUNCTION claims_snapshot_hash_is_plain_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM claims_content WHERE id = NEW.content_id AND salt IS NOT NULL) THEN
        RAISE EXCEPTION 'the hash of a snapshot is of its text alone, without a salt'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'snapshot_hash_is_plain';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER snapshot_hash_is_plain BEFORE INSERT ON claims_snapshot
    FOR EACH ROW EXECUTE FUNCTION claims_snapshot_hash_is_plain_v1();

-- A passage lies in a snapshot of the very article that the appearance names.
ALTER TABLE claims_appearance
    ADD CONSTRAINT appearance_snapshot_is_of_its_article
        FOREIGN KEY (snapshot_id, article_id) REFERENCES claims_snapshot (id, article_id),
    ADD CONSTRAINT appearance_passage_is_as_long_as_its_offsets
        CHECK (start IS NULL OR char_length(exact) = "end" - start);

CREATE FUNCTION claims_appearance_lies_in_snapshot_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    IF NEW.snapshot_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT s.length, s.content_id,
           CASE WHEN NEW.start IS NOT NULL
                THEN substr(c.text, NEW.start + 1, NEW."end" - NEW.start) END AS passage,
           c.text IS NOT NULL AS stored
    INTO held
    FROM claims_snapshot s LEFT JOIN claims_content c ON c.id = s.content_id
    WHERE s.id = NEW.snapshot_id;
    IF greatest(NEW."end", char_length(NEW.exact)) > held.length THEN
        RAISE EXCEPTION 'the passage ends at %, the snapshot at %',
            greatest(NEW."end", char_length(NEW.exact)), held.length
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appearance_inside_snapshot';
    END IF;
    IF held.stored AND (NEW.start IS NULL OR held.passage IS DISTINCT FROM NEW.exact) THEN
        RAISE EXCEPTION 'the snapshot says something else at % to %', NEW.start, NEW."end"
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appearance_says_what_snapshot_says';
    END IF;
    IF NEW.checked <> held.stored THEN
        RAISE EXCEPTION 'a passage is checked exactly when the text is stored'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appearance_checked_against_text';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER appearance_lies_in_snapshot BEFORE INSERT ON claims_appearance
    FOR EACH ROW EXECUTE FUNCTION claims_appearance_lies_in_snapshot_v1();

-- Where a passage stands later is told of a snapshot of the same article, and inside of it.
CREATE FUNCTION claims_anchor_lies_in_snapshot_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    SELECT article_id, length INTO held FROM claims_snapshot WHERE id = NEW.snapshot_id;
    IF held.article_id <> (SELECT article_id FROM claims_appearance WHERE id = NEW.appearance_id)
    THEN
        RAISE EXCEPTION 'the snapshot is of another article than the appearance'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_snapshot_is_of_its_article';
    END IF;
    IF NEW."end" > held.length THEN
        RAISE EXCEPTION 'the passage ends at %, the snapshot at %', NEW."end", held.length
            USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_inside_snapshot';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER anchor_lies_in_snapshot BEFORE INSERT ON claims_anchor
    FOR EACH ROW EXECUTE FUNCTION claims_anchor_lies_in_snapshot_v1();

CREATE FUNCTION claims_assertion_joins_statement_to_fact_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT kind FROM claims_claim WHERE id = NEW.statement_id) <> 'statement'
        OR (SELECT kind FROM claims_claim WHERE id = NEW.fact_id) <> 'fact'
    THEN
        RAISE EXCEPTION 'only a statement asserts, and only a fact is asserted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assertion_joins_statement_to_fact';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER assertion_joins_statement_to_fact BEFORE INSERT OR UPDATE ON claims_assertion
    FOR EACH ROW EXECUTE FUNCTION claims_assertion_joins_statement_to_fact_v1();

-- A verdict is issued by a member of its own organization.
ALTER TABLE claims_member ADD CONSTRAINT member_identity UNIQUE (id, organization_id);
ALTER TABLE claims_verdict
    ADD CONSTRAINT verdict_issued_by_its_own_member
        FOREIGN KEY (issued_by_id, organization_id) REFERENCES claims_member (id, organization_id);

-- A copy names a piece of the same verdict.
ALTER TABLE claims_evidence
    ADD CONSTRAINT evidence_derived_from_its_own_verdict
        FOREIGN KEY (verdict_id, derived_from) REFERENCES claims_evidence (verdict_id, position);

-- A chain stays within one organization and one claim.
ALTER TABLE claims_verdict
    ADD CONSTRAINT verdict_identity UNIQUE (id, organization_id, claim_id),
    ADD CONSTRAINT verdict_supersedes_its_own_chain
        FOREIGN KEY (supersedes_id, organization_id, claim_id)
        REFERENCES claims_verdict (id, organization_id, claim_id);

CREATE FUNCTION claims_verdict_is_sound_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- One verdict on a claim after the other: what is checked of the claim stays true until commit.
    PERFORM FROM claims_claim WHERE id = NEW.claim_id FOR NO KEY UPDATE;
    -- The foreign key alone would let two rows of one INSERT supersede each other.
    IF NEW.supersedes_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM claims_verdict WHERE id = NEW.supersedes_id)
    THEN
        RAISE EXCEPTION 'a verdict supersedes one that is there before it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_supersedes_an_earlier_one';
    END IF;
    IF NEW.outcome = 'withdrawn' AND 'withdrawn' =
        (SELECT outcome FROM claims_verdict WHERE id = NEW.supersedes_id)
    THEN
        RAISE EXCEPTION 'what is withdrawn cannot be withdrawn again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_of_standing_verdict';
    END IF;
    IF NOT EXISTS (SELECT FROM claims_content WHERE id = NEW.rationale_id AND text ~ '\S') THEN
        RAISE EXCEPTION 'a verdict needs a rationale'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_has_rationale';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER verdict_is_sound BEFORE INSERT ON claims_verdict
    FOR EACH ROW EXECUTE FUNCTION claims_verdict_is_sound_v1();

-- What a verdict was about does not change under it.
CREATE FUNCTION claims_claim_fixed_once_judged_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.kind) IS DISTINCT FROM (OLD.id, OLD.kind) THEN
        RAISE EXCEPTION 'a claim keeps its kind'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_keeps_its_kind';
    END IF;
    IF EXISTS (SELECT FROM claims_verdict WHERE claim_id = NEW.id) THEN
        RAISE EXCEPTION 'the claim has a verdict: its words are fixed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_fixed_once_judged';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER claim_fixed_once_judged
    BEFORE UPDATE OF id, kind, text, language, speaker_id, stated_on, speech, subject, property,
        value, value_type, unit, approximate, lower, upper ON claims_claim
    FOR EACH ROW
    WHEN ((NEW.id, NEW.kind, NEW.text, NEW.language, NEW.speaker_id, NEW.stated_on, NEW.speech,
           NEW.subject, NEW.property, NEW.value, NEW.value_type, NEW.unit, NEW.approximate,
           NEW.lower, NEW.upper)
          IS DISTINCT FROM
          (OLD.id, OLD.kind, OLD.text, OLD.language, OLD.speaker_id, OLD.stated_on, OLD.speech,
           OLD.subject, OLD.property, OLD.value, OLD.value_type, OLD.unit, OLD.approximate,
           OLD.lower, OLD.upper))
    EXECUTE FUNCTION claims_claim_fixed_once_judged_v1();

-- The stored status always equals the rule, at the end of every transaction.
CREATE FUNCTION claims_status_by_rule_v1(claim uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN count(*) = 0 THEN 'unverified'
        WHEN count(*) FILTER (WHERE v.outcome <> 'inconclusive') = 0 THEN 'inconclusive'
        WHEN count(DISTINCT v.outcome) FILTER (WHERE v.outcome <> 'inconclusive') > 1
            THEN 'contested'
        ELSE max(v.outcome) FILTER (WHERE v.outcome <> 'inconclusive')
    END
    FROM claims_verdict v
    WHERE v.claim_id = claim
      AND v.outcome <> 'withdrawn'
      AND NOT EXISTS (SELECT FROM claims_verdict later WHERE later.supersedes_id = v.id)
$$;

CREATE FUNCTION claims_claim_status_follows_verdicts_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    judged uuid;
    stored text;
    due text;
BEGIN
    IF TG_TABLE_NAME = 'claims_claim' THEN
        judged := NEW.id;
    ELSE
        judged := NEW.claim_id;
    END IF;
    stored := (SELECT status FROM claims_claim WHERE id = judged);
    due := claims_status_by_rule_v1(judged);
    IF stored <> due THEN
        RAISE EXCEPTION 'the status of claim % is %, its verdicts make it %', judged, stored, due
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_status_follows_verdicts';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER claim_status_follows_verdicts AFTER INSERT ON claims_verdict
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION claims_claim_status_follows_verdicts_v1();
CREATE CONSTRAINT TRIGGER claim_status_follows_verdicts AFTER UPDATE OF status ON claims_claim
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION claims_claim_status_follows_verdicts_v1();
-- A new claim may be filed with its verdicts in one transaction, so not only as unverified.
CREATE CONSTRAINT TRIGGER claim_starts_by_the_rule AFTER INSERT ON claims_claim
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status <> 'unverified')
    EXECUTE FUNCTION claims_claim_status_follows_verdicts_v1();
