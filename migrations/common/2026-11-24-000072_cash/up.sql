-- A payment in cash (rule 74): reason and agent, encrypted, and the papers that were signed.
ALTER TABLE payments ADD COLUMN cash_sealed TEXT;
ALTER TABLE payments ADD COLUMN payee_signature_id TEXT REFERENCES attachments (id);
ALTER TABLE payments ADD COLUMN handler_signature_id TEXT REFERENCES attachments (id)
    CHECK (method <> 'cash' OR (cash_sealed IS NOT NULL AND payee_signature_id IS NOT NULL AND handler_signature_id IS NOT NULL))
    CHECK (payee_signature_id <> handler_signature_id);
ALTER TABLE payments ADD COLUMN proxy_id TEXT REFERENCES attachments (id);
ALTER TABLE payments ADD COLUMN agent_person TEXT CHECK ((agent_person IS NULL) = (proxy_id IS NULL));
