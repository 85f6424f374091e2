DROP TRIGGER file_revisions_no_update;
DROP TRIGGER file_revisions_no_delete;
