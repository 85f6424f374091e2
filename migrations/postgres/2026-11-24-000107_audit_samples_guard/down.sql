DROP TRIGGER audit_samples_append_only ON audit_samples;
