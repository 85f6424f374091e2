DROP TRIGGER audit_guests_no_delete;
DROP TRIGGER audit_guests_keep;
