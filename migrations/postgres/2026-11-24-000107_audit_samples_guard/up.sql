-- What was frozen stays frozen.
CREATE TRIGGER audit_samples_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_samples
FOR EACH STATEMENT EXECUTE FUNCTION refuse('samples are append-only');
