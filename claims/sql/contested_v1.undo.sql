DROP FUNCTION claims_verdict_stays_v1(uuid);
DROP FUNCTION claims_verdict_says_v1(uuid);
