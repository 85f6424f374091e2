DROP TRIGGER payments_in_batch;
DROP TRIGGER payment_batches_once;
DROP TRIGGER batch_lines_same;
DROP TRIGGER batch_lines_kept;
DROP TRIGGER batch_lines_frozen;
