-- What asking "was this claimed before?" reads. Always by indexes, whatever the planner knows of the
-- tables: after a large load it knows nothing yet, and would read them as a whole.

-- The claims that weigh most: of each term, what it weighs in a claim, times its own weight.
-- most_of_each: for terms that are so new that it is not known yet how common they are.
CREATE FUNCTION claims_candidates_v1(terms int[], weights int[], most_of_each int, most int)
RETURNS SETOF uuid
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
    SELECT claim_id FROM (
        SELECT it.claim_id, sum(w.weight * it.impact) AS score
        FROM unnest(terms, weights) AS w(term, weight)
        CROSS JOIN LATERAL (
            SELECT p.claim_id, p.impact FROM claims_posting AS p WHERE p.term = w.term
            LIMIT most_of_each) AS it
        GROUP BY it.claim_id) AS found
    ORDER BY score DESC, claim_id LIMIT most
$$;

-- By which texts claims are recognized, a row for each of their first appearances.
CREATE FUNCTION claims_readings_v1(claims uuid[], most_passages int)
RETURNS TABLE (
    id uuid, "language" varchar, "text" text, subject varchar, exact text, headline varchar
)
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
    SELECT c.id, c.language, c.text, c.subject, a.exact, r.headline
    FROM unnest(claims) AS asked(id) JOIN claims_claim AS c ON c.id = asked.id
    LEFT JOIN claims_appearance AS a ON a.claim_id = c.id AND a.position < most_passages
    LEFT JOIN claims_article AS r ON r.id = a.article_id AND a.position = 0
    ORDER BY c.id, a.position
$$;
