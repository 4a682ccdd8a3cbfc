-- The words of a text, and the forms under which each is found: as `claims/text/words.py`, which
-- says why. What a search asks for and what is found go through the same functions.

-- folded: a text without what two spellings of it differ in (claims_same_v1), or not.
CREATE FUNCTION claims_words_v1(folded text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    plain text COLLATE "C" := folded;
BEGIN
    IF plain ~ '[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]' THEN
        plain := regexp_replace(
            plain, '([\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff])', ' \1 ', 'g');
    END IF;
    plain := btrim(regexp_replace(plain,
        '[\x01-/:-@[-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u05be\u05c0\u05c3'
        '\u05c6\u05f3\u05f4\u0600-\u060f\u061b\u061d-\u061f\u066a-\u066d\u06d4\u06dd\u06e9\u0964'
        '\u0965\u1680\u2000-\u200a\u2010-\u2029\u202f-\u205f\u2190-\u2bff\u2e00-\u2e7f\u3000-\u303f'
        '\ufd3e\ufd3f\ufe30-\ufe4f\uff01-\uff0f\U0001f000-\U0001faff]+', ' ', 'g'), ' ');
    RETURN string_to_array(plain, ' ');
END
$$;

-- The stemmer of a language that PostgreSQL has one for; of Arabic we have our own.
CREATE FUNCTION claims_stemmer_v1(language text) RETURNS regdictionary
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE split_part(language, '-', 1)
        WHEN 'en' THEN 'pg_catalog.english_stem'::regdictionary
        WHEN 'fr' THEN 'pg_catalog.french_stem'::regdictionary
        WHEN 'de' THEN 'pg_catalog.german_stem'::regdictionary
        WHEN 'es' THEN 'pg_catalog.spanish_stem'::regdictionary
        WHEN 'it' THEN 'pg_catalog.italian_stem'::regdictionary
        WHEN 'pt' THEN 'pg_catalog.portuguese_stem'::regdictionary
        WHEN 'nl' THEN 'pg_catalog.dutch_stem'::regdictionary
        WHEN 'tr' THEN 'pg_catalog.turkish_stem'::regdictionary
        WHEN 'ru' THEN 'pg_catalog.russian_stem'::regdictionary
        WHEN 'sv' THEN 'pg_catalog.swedish_stem'::regdictionary
        WHEN 'da' THEN 'pg_catalog.danish_stem'::regdictionary
        WHEN 'no' THEN 'pg_catalog.norwegian_stem'::regdictionary
        WHEN 'nb' THEN 'pg_catalog.norwegian_stem'::regdictionary
        WHEN 'nn' THEN 'pg_catalog.norwegian_stem'::regdictionary
        WHEN 'fi' THEN 'pg_catalog.finnish_stem'::regdictionary
        WHEN 'hu' THEN 'pg_catalog.hungarian_stem'::regdictionary
        WHEN 'ro' THEN 'pg_catalog.romanian_stem'::regdictionary
        WHEN 'el' THEN 'pg_catalog.greek_stem'::regdictionary
        WHEN 'hi' THEN 'pg_catalog.hindi_stem'::regdictionary
        WHEN 'id' THEN 'pg_catalog.indonesian_stem'::regdictionary
    END
$$;

-- What a folded word may be a form of, beside itself; null or none where it is no form.
CREATE FUNCTION claims_stems_v1(word text, stemmer regdictionary) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    bare text COLLATE "C" := word;
    stems text[];
BEGIN
    IF bare !~ '^[\u0620-\u06d3]' THEN
        RETURN array_remove(ts_lexize(stemmer, word), word);
    END IF;
    bare := regexp_replace(bare,
        '^[\u0648\u0641]?(?:[\u0628\u0643\u0644]?\u0627\u0644|\u0644\u0644)(?=...)', '');
    bare := regexp_replace(bare,
        '^([\u0620-\u06d3]..+?)(?:\u064a|\u0647|\u0627\u062a|\u0627\u0646|\u0648\u0646|\u064a\u0646|\u0647\u0627'
        '|\u0647\u0645|\u0646\u0627|\u0648\u0627)+$', '\1');
    stems := ARRAY[bare];
    IF bare ~ '^[\u0648\u0641]...' THEN
        bare := substr(bare, 2);
        stems := stems || bare::text;
    END IF;
    IF bare ~ '^[\u0628\u0643\u0644]...' THEN
        stems := stems || substr(bare, 2);
    END IF;
    RETURN array_remove(stems, word);
END
$$;

-- A text as it is searched in: each word at its place, folded (of weight A where it is written so,
-- else D, and beside it as it is written after "!"), and what it may be a form of after "~".
-- The character U+FDD0 by itself keeps what is before it and what is after it from being a phrase.
-- 60,000 characters of it at most, and 100 of a word: PostgreSQL holds no more for certain.
CREATE FUNCTION claims_vector_v1(document text, stemmer regdictionary) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    asked text COLLATE "C" := left(document, 60000);
    folded text[] := claims_words_v1(left(claims_same_v1(asked), 60000));
    written text[];
    bare text COLLATE "C";
    once text[];
    twice text[];
    thrice text[];
BEGIN
    IF asked ~ '[^\x01-\u02ff\u0400-\u0482\u0600-\u064a\u0660-\u066f\u0671-\u06d5\u2010-\u2027]' THEN
        asked := normalize(asked, NFC);
    END IF;
    written := claims_words_v1(asked);
    IF cardinality(written) <> cardinality(folded) THEN
        -- Some word falls into two, or to nothing: each by itself.
        SELECT array_agg(CASE WHEN t.n = 1 THEN w.word END ORDER BY w.place, t.n),
               array_agg(t.word ORDER BY w.place, t.n)
        INTO written, folded
        FROM unnest(written) WITH ORDINALITY AS w(word, place)
        CROSS JOIN unnest(claims_words_v1(claims_same_v1(w.word))) WITH ORDINALITY AS t(word, n);
    END IF;
    -- Arabic stems as claims_stems_v1 makes them of one word, here of all at once: that takes a
    -- fifth of the time.
    bare := ' ' || array_to_string(folded, ' ');
    bare := regexp_replace(bare,
        ' [\u0648\u0641]?(?:[\u0628\u0643\u0644]?\u0627\u0644|\u0644\u0644)(?=[^ ]{3})', ' ', 'g');
    bare := regexp_replace(bare,
        '( [\u0620-\u06d3][^ ]{2,}?)(?:\u064a|\u0647|\u0627\u062a|\u0627\u0646|\u0648\u0646'
        '|\u064a\u0646|\u0647\u0627|\u0647\u0645|\u0646\u0627|\u0648\u0627)+(?![^ ])', '\1', 'g');
    once := string_to_array(substr(bare, 2), ' ');
    bare := regexp_replace(bare, ' [\u0648\u0641](?=[^ ]{3})', ' ', 'g');
    twice := string_to_array(substr(bare, 2), ' ');
    bare := regexp_replace(bare, ' [\u0628\u0643\u0644](?=[^ ]{3})', ' ', 'g');
    thrice := string_to_array(substr(bare, 2), ' ');
    RETURN (
        SELECT coalesce(string_agg(
            '''' || left(f, 100) || ''':' || least(n, 16383)
            || CASE WHEN w = f THEN 'A'
                    ELSE coalesce(' ''!' || left(w, 100) || ''':' || least(n, 16383), '') END
            || CASE WHEN a <> f THEN ' ~' || left(a, 100) ELSE '' END
            || CASE WHEN b <> a THEN ' ~' || left(b, 100) ELSE '' END
            || CASE WHEN c <> b THEN ' ~' || left(c, 100) ELSE '' END
            || CASE WHEN stemmer IS NULL OR f COLLATE "C" BETWEEN E'\u0620' AND E'\u06d4' THEN ''
                    ELSE coalesce(' ~' || nullif(array_to_string(
                        array_remove(ts_lexize(stemmer, left(f, 100)), left(f, 100)), ' ~'), ''), '')
               END,
            ' '), '')
        FROM unnest(folded, written, once, twice, thrice)
            WITH ORDINALITY AS t(f, w, a, b, c, n)
        WHERE f <> E'\ufdd0')::tsvector;
END
$$;
