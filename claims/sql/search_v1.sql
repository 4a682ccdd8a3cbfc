-- What lists are searched in: the words of each claim and article in claims_wording, the names of
-- each speaker in claims_naming. All by triggers, as the owner: the role that serves requests can
-- only read these rows. docs/adr/0025 says why it is stored like this.

-- Verdicts rewrite these rows: cleaned up as those of claims are.
ALTER TABLE claims_wording
    SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Rows are found by their words through one GIN index, which knows no order. So each row also has,
-- among its words, in which stretch of time it was filed (about two thousand claims each), and in
-- which eight, 64 and 512 of them: a list is searched stretch by stretch.
CREATE FUNCTION claims_stretch_of_v1(instant timestamptz) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT number FROM claims_stretch WHERE begins_at <= instant
         ORDER BY begins_at DESC LIMIT 1), 0)
$$;

-- Those of what is there already; whoever files more waits until the triggers below are there.
LOCK TABLE claims_claim, claims_article, claims_placement, claims_verdict, claims_speaker
    IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO claims_stretch (number, begins_at)
SELECT row_number() OVER (ORDER BY begins_at), begins_at
FROM (SELECT DISTINCT created_at AS begins_at
      FROM (SELECT created_at, row_number() OVER (ORDER BY created_at, id) AS place
            FROM claims_claim) AS numbered
      WHERE place % 2048 = 0) AS beginnings;

-- By the sequencer, again and again. A stretch begins in some seconds, so that whoever files a
-- claim in it sees it: a claim is in the last stretch that began before it, for ever.
CREATE FUNCTION claims_begin_stretch_v1() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last record;
BEGIN
    SELECT number, begins_at INTO last FROM claims_stretch ORDER BY number DESC LIMIT 1;
    IF coalesce(last.begins_at, '-infinity') > clock_timestamp() THEN
        RETURN;
    END IF;
    IF (SELECT count(*) FROM (
            SELECT FROM claims_claim WHERE created_at >= coalesce(last.begins_at, '-infinity')
            LIMIT 2048) AS counted) = 2048
    THEN
        INSERT INTO claims_stretch (number, begins_at)
        VALUES (coalesce(last.number, 0) + 1, clock_timestamp() + interval '5 s')
        ON CONFLICT DO NOTHING;
    END IF;
END
$$;

-- The lexemes by which rows of a kind ("c": claims, "a": articles) are found in a stretch.
CREATE FUNCTION claims_stretch_tags_v1(kind text, number integer) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY['@' || kind || '0:' || number, '@' || kind || '1:' || (number >> 3),
                 '@' || kind || '2:' || (number >> 6), '@' || kind || '3:' || (number >> 9)]
$$;

-- A language tag and what it begins with: a search in "ar" finds "ar-IQ".
CREATE FUNCTION claims_language_tags_v1(language text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg('@language:' || array_to_string((string_to_array(language, '-'))[:n], '-'))
    FROM generate_series(1, cardinality(string_to_array(language, '-'))) AS n
$$;

-- What is searched in for a claim: its text, its subject, the headlines of its articles, the
-- rationales that stand; and the lexemes of what it can be filtered by.
CREATE FUNCTION claims_words_of_claim_v1(claim uuid) RETURNS tsvector
LANGUAGE plpgsql STABLE AS $$
DECLARE
    gap CONSTANT text := E' \ufdd0 ';
    c record;
    placed record;
    judged record;
BEGIN
    SELECT text, language, kind, speaker_id, subject, property, created_at INTO c
    FROM claims_claim WHERE id = claim;
    SELECT string_agg(a.headline, gap ORDER BY a.id) AS headlines,
           array_agg('@article:' || a.id) || array_agg(DISTINCT '@publisher:' || p.publisher_id)
               AS tags
    INTO placed
    FROM claims_placement p JOIN claims_article a ON a.id = p.article_id
    WHERE p.claim_id = claim;
    SELECT string_agg(t.text, gap ORDER BY v.id) FILTER (WHERE v.outcome <> 'withdrawn')
               AS rationales,
           array_agg(DISTINCT '@outcome:' || v.outcome)
               || array_agg('@finding:' || v.organization_id || ':' || v.outcome)
               || array_agg('@organization:' || v.organization_id)
                   FILTER (WHERE v.outcome <> 'withdrawn')
               AS tags
    INTO judged
    FROM claims_verdict v JOIN claims_content t ON t.id = v.rationale_id
    WHERE v.claim_id = claim
      AND NOT EXISTS (SELECT FROM claims_verdict later WHERE later.supersedes_id = v.id);
    RETURN claims_vector_v1(
            concat_ws(gap, c.text, c.subject, placed.headlines, judged.rationales),
            claims_stemmer_v1(c.language))
        || array_to_tsvector(array_remove(
            ARRAY['@kind:' || c.kind, '@speaker:' || c.speaker_id,
                  '@status:' || claims_status_by_rule_v1(claim),
                  '@subject:' || md5(c.subject), '@property:' || md5(c.property)]
            || claims_language_tags_v1(c.language)
            || claims_stretch_tags_v1('c', claims_stretch_of_v1(c.created_at))
            || placed.tags || judged.tags, NULL));
END
$$;

CREATE FUNCTION claims_words_of_article_v1(article uuid) RETURNS tsvector
LANGUAGE sql STABLE AS $$
    SELECT claims_vector_v1(headline, claims_stemmer_v1(language))
        || array_to_tsvector(
            ARRAY['@publisher:' || publisher_id] || claims_language_tags_v1(language)
            || claims_stretch_tags_v1('a', claims_stretch_of_v1(created_at)))
    FROM claims_article WHERE id = article
$$;

-- In any language, and under any name.
CREATE FUNCTION claims_words_of_speaker_v1(name text, names jsonb, others text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT claims_vector_v1(
        concat_ws(E' \ufdd0 ', name,
            (SELECT string_agg(value, E' \ufdd0 ') FROM jsonb_each_text(names)),
            array_to_string(others, E' \ufdd0 ')),
        NULL)
$$;

-- As it is by now, where it is searched in already: first locked, then looked at.
CREATE FUNCTION claims_word_again_v1(claim uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM claims_wording WHERE id = claim FOR NO KEY UPDATE;
    IF FOUND THEN
        UPDATE claims_wording SET words = claims_words_of_claim_v1(claim) WHERE id = claim;
    END IF;
END
$$;

-- At the end of the transaction, with all that is filed along.
CREATE FUNCTION claims_claim_is_worded_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO claims_wording (id, created_at, words)
    VALUES (NEW.id, NEW.created_at, claims_words_of_claim_v1(NEW.id));
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER claim_is_worded AFTER INSERT ON claims_claim
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION claims_claim_is_worded_v1();

CREATE FUNCTION claims_wording_follows_claim_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM claims_word_again_v1(NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER wording_follows_claim
    AFTER UPDATE OF text, language, speaker_id, subject, property ON claims_claim
    FOR EACH ROW
    WHEN ((NEW.text, NEW.language, NEW.speaker_id, NEW.subject, NEW.property)
          IS DISTINCT FROM (OLD.text, OLD.language, OLD.speaker_id, OLD.subject, OLD.property))
    EXECUTE FUNCTION claims_wording_follows_claim_v1();

-- Of a verdict or a placement.
CREATE FUNCTION claims_wording_follows_its_claim_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM claims_word_again_v1(NEW.claim_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER wording_follows_verdict AFTER INSERT ON claims_verdict
    FOR EACH ROW EXECUTE FUNCTION claims_wording_follows_its_claim_v1();
CREATE TRIGGER wording_follows_placement AFTER INSERT ON claims_placement
    FOR EACH ROW EXECUTE FUNCTION claims_wording_follows_its_claim_v1();

-- What is erased is not found any more.
CREATE FUNCTION claims_wording_follows_content_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM claims_word_again_v1(claim_id)
    FROM (SELECT DISTINCT claim_id FROM claims_verdict WHERE rationale_id = NEW.id
          ORDER BY claim_id) AS judged;
    RETURN NULL;
END
$$;
CREATE TRIGGER wording_follows_content AFTER UPDATE OF text ON claims_content
    FOR EACH ROW WHEN (NEW.text IS DISTINCT FROM OLD.text)
    EXECUTE FUNCTION claims_wording_follows_content_v1();

CREATE FUNCTION claims_articles_are_worded_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO claims_wording (id, created_at, words)
    SELECT id, created_at, claims_words_of_article_v1(id) FROM filed;
    RETURN NULL;
END
$$;
CREATE TRIGGER articles_are_worded AFTER INSERT ON claims_article
    REFERENCING NEW TABLE AS filed
    FOR EACH STATEMENT EXECUTE FUNCTION claims_articles_are_worded_v1();

CREATE FUNCTION claims_wordings_follow_article_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE claims_wording SET words = claims_words_of_article_v1(NEW.id) WHERE id = NEW.id;
    IF (NEW.headline, NEW.publisher_id) IS DISTINCT FROM (OLD.headline, OLD.publisher_id) THEN
        PERFORM claims_word_again_v1(claim_id)
        FROM (SELECT claim_id FROM claims_placement WHERE article_id = NEW.id
              ORDER BY claim_id) AS placed;
    END IF;
    RETURN NULL;
END
$$;
-- After "placements_follow_article", which triggers of one table are fired by name.
CREATE TRIGGER wordings_follow_article
    AFTER UPDATE OF headline, publisher_id, language ON claims_article
    FOR EACH ROW
    WHEN ((NEW.headline, NEW.publisher_id, NEW.language)
          IS DISTINCT FROM (OLD.headline, OLD.publisher_id, OLD.language))
    EXECUTE FUNCTION claims_wordings_follow_article_v1();

CREATE FUNCTION claims_speaker_is_named_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO claims_naming (speaker_id, words)
    VALUES (NEW.id, claims_words_of_speaker_v1(NEW.name, NEW.names, NEW.other_names))
    ON CONFLICT (speaker_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END
$$;
CREATE TRIGGER speaker_is_named AFTER INSERT OR UPDATE OF name, names, other_names ON claims_speaker
    FOR EACH ROW EXECUTE FUNCTION claims_speaker_is_named_v1();

CREATE TRIGGER wording_never_deleted BEFORE DELETE ON claims_wording
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER wording_never_truncated BEFORE TRUNCATE ON claims_wording
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER naming_never_deleted BEFORE DELETE ON claims_naming
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER naming_never_truncated BEFORE TRUNCATE ON claims_naming
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER stretch_never_deleted BEFORE DELETE ON claims_stretch
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1();
CREATE TRIGGER stretch_never_truncated BEFORE TRUNCATE ON claims_stretch
    FOR EACH STATEMENT EXECUTE FUNCTION claims_refuse_v1();

-- Searching.

-- A word, and what shares a form with it. stemmer: of one language, or null: of any.
CREATE FUNCTION claims_forms_v1(word text, stemmer regdictionary) RETURNS tsquery
LANGUAGE plpgsql STABLE AS $$
DECLARE
    asked CONSTANT text COLLATE "C" := left(word, 100);
    -- Those of claims_stemmer_v1, named: asking it for each takes a quarter of a millisecond.
    all_stemmers CONSTANT regdictionary[] := '{english_stem, french_stem, german_stem, spanish_stem,
        italian_stem, portuguese_stem, dutch_stem, turkish_stem, russian_stem, swedish_stem,
        danish_stem, norwegian_stem, finnish_stem, hungarian_stem, romanian_stem, greek_stem,
        hindi_stem, indonesian_stem}';
    forms text[] := ARRAY[asked];
    other regdictionary;
BEGIN
    IF stemmer IS NOT NULL OR asked ~ '^[\u0620-\u06d3]' THEN
        forms := forms || claims_stems_v1(asked, stemmer);
    ELSE
        FOREACH other IN ARRAY all_stemmers LOOP
            forms := forms || ts_lexize(other, asked);
        END LOOP;
    END IF;
    RETURN (SELECT string_agg(DISTINCT format('''%s''|''~%s''', form, form), '|')
            FROM unnest(forms) AS form)::tsquery;
END
$$;

-- What is asked for, as PostgreSQL looks for it. asked: {"all": [[term]], "none": [term]} as in
-- claims/queries/search.py, a term {"word"} or {"exact", "loose"}.
-- wanted: all of it but for `named`; loose: what the index alone can tell of it; terms: what to rank
-- by. named: what may also be said by one of so many speakers that the index would be slow to look
-- for them (speakers: which of `named`, and the id, as keys), and whether that is needed or to be left
-- out; names_left_out: whether there are more of these than are looked for.
CREATE FUNCTION claims_query_v1(asked jsonb, stemmer regdictionary, by_name boolean,
    OUT wanted tsquery, OUT loose tsquery, OUT terms tsquery,
    OUT named tsquery[], OUT speakers jsonb, OUT needed boolean[], OUT names_left_out boolean)
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    few CONSTANT integer := 20;
    most CONSTANT integer := 10000;
    part record;
    term jsonb;
    one tsquery;
    any_of tsquery;
    any_loose tsquery;
    called uuid[];
    by_speaker tsquery;
BEGIN
    wanted := '';
    loose := '';
    terms := '';
    names_left_out := false;
    FOR part IN
        SELECT value AS terms, true AS needed FROM jsonb_array_elements(asked -> 'all')
        UNION ALL SELECT asked -> 'none', false WHERE asked -> 'none' <> '[]'
    LOOP
        any_of := '';
        any_loose := '';
        called := '{}';
        FOR term IN SELECT value FROM jsonb_array_elements(part.terms) LOOP
            IF term ? 'word' THEN
                one := claims_forms_v1(term ->> 'word', stemmer);
                any_loose := any_loose || one;
            ELSE
                one := (term ->> 'exact')::tsquery;
                any_loose := any_loose || (term ->> 'loose')::tsquery;
            END IF;
            any_of := any_of || one;
            IF by_name THEN
                called := called || ARRAY(
                    SELECT speaker_id FROM claims_naming WHERE words @@ one LIMIT most + 1);
            END IF;
        END LOOP;
        IF part.needed THEN
            terms := terms && any_of;
        END IF;
        IF cardinality(called) > few THEN
            names_left_out := names_left_out OR cardinality(called) > most;
            named := named || any_of;
            needed := needed || part.needed;
            speakers := coalesce(speakers, '{}') || (
                SELECT jsonb_object_agg(cardinality(named) || ':' || id, 1) FROM unnest(called) AS id);
            CONTINUE;
        END IF;
        by_speaker := coalesce(
            (SELECT string_agg(format('''@speaker:%s''', id), '|') FROM unnest(called) AS id), '');
        any_of := any_of || by_speaker;
        any_loose := any_loose || by_speaker;
        IF part.needed THEN
            wanted := wanted && any_of;
            loose := loose && any_loose;
        ELSE
            wanted := wanted && !! any_of;
            -- What is only nearly left out may be wanted. As texts, which have the weights too.
            IF any_of::text = any_loose::text THEN
                loose := loose && !! any_loose;
            END IF;
        END IF;
    END LOOP;
END
$$;

-- Whether a claim has all that may be said by its words or be the name of its speaker.
CREATE FUNCTION claims_is_named_v1(claim uuid, words tsvector,
    named tsquery[], speakers jsonb, needed boolean[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    speaker text;
    is_there boolean;
BEGIN
    FOR i IN 1 .. cardinality(named) LOOP
        is_there := words @@ named[i];
        IF NOT is_there THEN
            IF speaker IS NULL THEN
                speaker := coalesce(
                    (SELECT speaker_id::text FROM claims_claim WHERE id = claim), '');
            END IF;
            is_there := speakers ? (i || ':' || speaker);
        END IF;
        IF is_there <> needed[i] THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;

-- The first rows of a kind that are wanted, by (created_at, id): after this instant and id in this
-- direction, until another instant (inclusive). With a last row of id null where looking ended
-- before the end of the list: all until its instant is told. Sequences of words are looked for in
-- budget rows at most.
-- However common or rare the words are, each look into the index is for few rows: it is for more
-- and more stretches at once while they hold little, and for fewer again where they hold much.
CREATE FUNCTION claims_find_v1(kind text, wanted tsquery, loose tsquery,
    named tsquery[], speakers jsonb, needed boolean[],
    from_at timestamptz, from_id uuid, until_at timestamptz,
    descending boolean, most integer, budget integer)
RETURNS TABLE (id uuid, created_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 30
SET search_path = public, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    many CONSTANT integer := 1000;
    differs CONSTANT boolean := wanted::text <> loose::text; -- as texts, which have the weights too
    rechecks CONSTANT boolean := differs OR named IS NOT NULL;
    last CONSTANT integer := coalesce((SELECT max(number) FROM claims_stretch), 0);
    at timestamptz := from_at;
    after uuid := from_id;
    n integer := CASE WHEN from_at > '-infinity' AND from_at < 'infinity'
        THEN claims_stretch_of_v1(from_at) WHEN descending THEN last ELSE 0 END;
    ending CONSTANT integer := CASE WHEN until_at > '-infinity' AND until_at < 'infinity'
        THEN claims_stretch_of_v1(until_at) WHEN descending THEN 0 ELSE last END;
    level integer := 0;
    highest integer := 3;
    found integer := 0;
    looked bigint := 0;
    seen bigint := 0;
    got integer;
    first integer;
    next integer;
    within tsquery;
    ids uuid[];
    instants timestamptz[];
BEGIN
    LOOP
        EXIT WHEN found >= most OR (descending AND n < ending) OR (NOT descending AND n > ending);
        IF rechecks AND looked >= budget THEN
            id := NULL;
            created_at := at;
            RETURN NEXT;
            EXIT;
        END IF;
        first := n >> (3 * level) << (3 * level);
        next := first + (1 << (3 * level));
        within := loose && format('''@%s%s:%s''', kind, level, n >> (3 * level))::tsquery;
        IF level = 0 AND NOT rechecks THEN
            IF descending THEN
                RETURN QUERY SELECT w.id, w.created_at FROM claims_wording w
                WHERE w.words @@ within
                    AND (w.created_at, w.id) < (at, after) AND w.created_at >= until_at
                ORDER BY w.created_at DESC, w.id DESC LIMIT most - found;
            ELSE
                RETURN QUERY SELECT w.id, w.created_at FROM claims_wording w
                WHERE w.words @@ within
                    AND (w.created_at, w.id) > (at, after) AND w.created_at <= until_at
                ORDER BY w.created_at, w.id LIMIT most - found;
            END IF;
            GET DIAGNOSTICS got = ROW_COUNT;
            found := found + got;
            looked := looked + got;
        ELSE
            SELECT count(*),
                   array_agg(f.id ORDER BY f.created_at, f.id) FILTER (WHERE f.hit),
                   array_agg(f.created_at ORDER BY f.created_at, f.id) FILTER (WHERE f.hit)
            INTO got, ids, instants
            FROM (
                SELECT w.id, w.created_at,
                       (NOT differs OR w.words @@ wanted)
                       AND (named IS NULL
                            OR claims_is_named_v1(w.id, w.words, named, speakers, needed)) AS hit
                FROM claims_wording w
                WHERE w.words @@ within
                    AND CASE WHEN descending
                        THEN (w.created_at, w.id) < (at, after) AND w.created_at >= until_at
                        ELSE (w.created_at, w.id) > (at, after) AND w.created_at <= until_at END
                LIMIT CASE WHEN level > 0 THEN many + 1 END
            ) AS f;
            looked := looked + got;
            IF level > 0 AND got > many THEN
                level := level - 1;
                highest := level;
                CONTINUE;
            END IF;
            RETURN QUERY SELECT f.id, f.created_at
            FROM unnest(ids, instants) WITH ORDINALITY AS f(id, created_at, place)
            ORDER BY CASE WHEN descending THEN -f.place ELSE f.place END LIMIT most - found;
            GET DIAGNOSTICS got = ROW_COUNT;
            found := found + got;
        END IF;
        IF descending THEN
            seen := seen + n - first + 1;
            at := coalesce(
                (SELECT begins_at FROM claims_stretch WHERE number = first), '-infinity');
            n := first - 1;
        ELSE
            seen := seen + next - n;
            at := coalesce(
                (SELECT begins_at FROM claims_stretch WHERE number = next), 'infinity');
            n := next;
        END IF;
        -- All of its instant is still to be seen, or none.
        after := '00000000-0000-0000-0000-000000000000';
        IF level < highest AND (looked << (3 * level + 3)) / seen <= many / 2 THEN
            level := level + 1;
        END IF;
    END LOOP;
END
$$;

-- How well a row matches: more of the words, and closer together. In billionths.
CREATE FUNCTION claims_relevance_v1(row_id uuid, terms tsquery) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT round(ts_rank('{1,1,1,1}', words, terms)::numeric * 1000000000)::bigint
            FROM claims_wording WHERE id = row_id);
END
$$;

-- What is there already, in transactions of their own; whoever files more meanwhile waits shortly.
CREATE PROCEDURE claims_word_all_v1()
LANGUAGE plpgsql AS $$
DECLARE
    last uuid := '00000000-0000-0000-0000-000000000000';
    batch uuid[];
BEGIN
    LOOP
        batch := ARRAY(SELECT id FROM claims_claim WHERE id > last ORDER BY id LIMIT 2000);
        EXIT WHEN batch = '{}';
        PERFORM FROM claims_claim WHERE id = ANY(batch) ORDER BY id FOR NO KEY UPDATE;
        INSERT INTO claims_wording (id, created_at, words)
        SELECT c.id, c.created_at, claims_words_of_claim_v1(c.id)
        FROM claims_claim c WHERE c.id = ANY(batch) ORDER BY c.id
        ON CONFLICT DO NOTHING;
        last := batch[cardinality(batch)];
        COMMIT;
    END LOOP;
    INSERT INTO claims_wording (id, created_at, words)
    SELECT id, created_at, claims_words_of_article_v1(id) FROM claims_article ORDER BY id
    ON CONFLICT DO NOTHING;
    INSERT INTO claims_naming (speaker_id, words)
    SELECT id, claims_words_of_speaker_v1(name, names, other_names) FROM claims_speaker
    ON CONFLICT DO NOTHING;
    COMMIT;
END
$$;
