DROP FUNCTION claims_readings_v1(uuid[], int);
DROP FUNCTION claims_candidates_v1(int[], int[], int, int);
