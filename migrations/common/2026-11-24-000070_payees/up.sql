-- Signatures and proxies of a payment in cash are its papers (rule 74). A paper belongs to one case.
ALTER TABLE attachments ADD COLUMN payment_id TEXT REFERENCES payments (id)
    CHECK ((CASE WHEN file_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN claim_id IS NULL THEN 0 ELSE 1 END)
        + (CASE WHEN aid_id IS NULL THEN 0 ELSE 1 END)
        + (CASE WHEN payment_id IS NULL THEN 0 ELSE 1 END) = 1);
CREATE INDEX attachments_payment ON attachments (payment_id, id);
