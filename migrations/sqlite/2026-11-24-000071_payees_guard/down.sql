DROP TRIGGER claims_payee_still_no_part;
DROP TRIGGER claims_payee_no_part;
DROP TRIGGER case_parts_not_payee;
DROP TRIGGER attachments_proof_stays;
DROP TRIGGER claims_payee_proof;
DROP TRIGGER claims_payee_lives;
