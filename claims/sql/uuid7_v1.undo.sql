DROP FUNCTION claims_uuid7();
