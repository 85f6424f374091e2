DROP TRIGGER claims_payee_still_no_part ON illness_claims;
DROP TRIGGER claims_payee_no_part ON illness_claims;
DROP FUNCTION payee_no_part;
DROP TRIGGER case_parts_not_payee ON case_parts;
DROP FUNCTION part_not_payee;
DROP TRIGGER attachments_proof_stays ON attachments;
DROP FUNCTION proof_stays;
DROP TRIGGER claims_payee_may_receive ON illness_claims;
DROP FUNCTION payee_guard;
