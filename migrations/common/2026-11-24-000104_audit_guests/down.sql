DROP TABLE audit_guests;
