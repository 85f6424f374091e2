-- No silent overwrite: revisions are append-only.
CREATE TRIGGER file_revisions_no_update BEFORE UPDATE ON file_revisions
BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END;
CREATE TRIGGER file_revisions_no_delete BEFORE DELETE ON file_revisions
BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END;
