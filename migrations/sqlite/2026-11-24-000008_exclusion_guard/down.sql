DROP TRIGGER files_not_excluded;
