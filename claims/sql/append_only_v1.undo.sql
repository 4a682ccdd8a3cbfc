DROP FUNCTION claims_content_only_erased_v1() CASCADE;
DROP FUNCTION claims_content_begins_with_text_v1() CASCADE;
DROP FUNCTION claims_refuse_v1() CASCADE;
