DROP TABLE audit_samples;
