-- A UUIDv7 that PostgreSQL 15 can make: 48 bits of milliseconds, the version, 12 bits of the
-- millisecond's fraction (so that ids made by one session sort as they were made), the variant
-- and 62 random bits. Source: RFC 9562, sections 5.7 and 6.2 (method 3).
CREATE FUNCTION claims_uuid7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_byte(set_byte(
            overlay(uuid_send(gen_random_uuid())
                placing substring(int8send(floor(extract(epoch FROM at) * 1000)::bigint) from 3)
                from 1 for 6),
            6, 112 | (fraction >> 8)),
            7, fraction & 255),
        'hex')::uuid
    FROM (
        SELECT at, ((extract(microseconds FROM at)::bigint % 1000) * 4096 / 1000)::int AS fraction
        FROM (SELECT date_trunc('microseconds', clock_timestamp()) AS at) AS clock
    ) AS instant
$$;
