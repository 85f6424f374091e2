DROP TRIGGER payments_in_batch ON payments;
DROP FUNCTION payment_guard;
DROP TRIGGER payment_batches_once ON payment_batches;
DROP TRIGGER batch_lines_same ON batch_lines;
DROP TRIGGER batch_lines_kept ON batch_lines;
DROP TRIGGER batch_lines_frozen ON batch_lines;
DROP FUNCTION batch_line_guard;
