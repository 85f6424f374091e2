DROP TRIGGER claims_one_grant_merged;
DROP TRIGGER claims_not_merged;
DROP TRIGGER files_not_merged;
DROP TRIGGER members_merged_once;
