DROP FUNCTION claims_same_v1(text);
