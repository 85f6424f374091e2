-- No silent overwrite: revisions are append-only.
CREATE TRIGGER file_revisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON file_revisions
FOR EACH STATEMENT EXECUTE FUNCTION refuse('revisions are append-only');
