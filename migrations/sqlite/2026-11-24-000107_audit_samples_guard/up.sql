-- What was frozen stays frozen.
CREATE TRIGGER audit_samples_no_update BEFORE UPDATE ON audit_samples
BEGIN SELECT RAISE(ABORT, 'samples are append-only'); END;
CREATE TRIGGER audit_samples_no_delete BEFORE DELETE ON audit_samples
BEGIN SELECT RAISE(ABORT, 'samples are append-only'); END;
