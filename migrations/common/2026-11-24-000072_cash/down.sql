ALTER TABLE payments DROP COLUMN agent_person;
ALTER TABLE payments DROP COLUMN proxy_id;
ALTER TABLE payments DROP COLUMN handler_signature_id;
ALTER TABLE payments DROP COLUMN payee_signature_id;
ALTER TABLE payments DROP COLUMN cash_sealed;
