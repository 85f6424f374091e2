DROP TRIGGER claims_one_grant_merged ON illness_claims;
DROP TRIGGER claims_not_merged ON illness_claims;
DROP TRIGGER files_not_merged ON files;
DROP TRIGGER members_merged_once ON members;
DROP FUNCTION one_grant_merged;
DROP FUNCTION not_merged;
DROP FUNCTION merged_once;
