DROP TABLE audit_findings;
