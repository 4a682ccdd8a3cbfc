DROP FUNCTION claims_vector_v1(text, regdictionary);
DROP FUNCTION claims_stems_v1(text, regdictionary);
DROP FUNCTION claims_stemmer_v1(text);
DROP FUNCTION claims_words_v1(text);
