DROP INDEX attachments_payment;
ALTER TABLE attachments DROP COLUMN payment_id;
