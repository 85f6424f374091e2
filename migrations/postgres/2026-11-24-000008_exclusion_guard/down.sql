DROP TRIGGER files_not_excluded ON files;
DROP FUNCTION not_excluded;
