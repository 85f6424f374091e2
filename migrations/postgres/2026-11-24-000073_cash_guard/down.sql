DROP TRIGGER attachments_signature_stays ON attachments;
DROP FUNCTION signature_stays;
DROP TRIGGER payments_cash_signed ON payments;
DROP FUNCTION cash_guard;
