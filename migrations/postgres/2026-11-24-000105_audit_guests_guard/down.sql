DROP TRIGGER audit_guests_no_delete ON audit_guests;
DROP TRIGGER audit_guests_keep ON audit_guests;
