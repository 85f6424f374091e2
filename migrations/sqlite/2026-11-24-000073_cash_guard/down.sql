DROP TRIGGER attachments_signature_stays;
DROP TRIGGER payments_cash_signed;
