-- The lines of a batch are chosen while it is open, and stay what they are.
CREATE TRIGGER batch_lines_frozen BEFORE INSERT ON batch_lines
WHEN (SELECT status FROM payment_batches WHERE id = NEW.batch_id) <> 'open'
BEGIN SELECT RAISE(ABORT, 'the batch was submitted'); END;
CREATE TRIGGER batch_lines_kept BEFORE DELETE ON batch_lines
BEGIN SELECT RAISE(ABORT, 'the lines of a batch are kept'); END;
CREATE TRIGGER batch_lines_same BEFORE UPDATE ON batch_lines
WHEN NEW.batch_id <> OLD.batch_id OR NEW.payment_id <> OLD.payment_id OR NEW.amount_fen <> OLD.amount_fen OR NEW.reference <> OLD.reference
  OR (OLD.status <> NEW.status AND NOT (OLD.status = 'pending' OR (OLD.status = 'exported' AND NEW.status IN ('paid', 'returned'))))
BEGIN SELECT RAISE(ABORT, 'a line of a batch stays what it is'); END;
-- The file for the bank is made once; what was confirmed is what is sent.
CREATE TRIGGER payment_batches_once BEFORE UPDATE ON payment_batches
WHEN (OLD.content_hash IS NOT NULL AND (NEW.content_hash IS NOT OLD.content_hash OR NEW.content_sealed IS NOT OLD.content_sealed))
  OR (OLD.status <> 'open' AND (NEW.line_count <> OLD.line_count OR NEW.total_fen <> OLD.total_fen OR NEW.layout_id <> OLD.layout_id))
BEGIN SELECT RAISE(ABORT, 'the batch was submitted'); END;
-- What is on its way to the bank is not paid, failed or cancelled by hand.
CREATE TRIGGER payments_in_batch BEFORE UPDATE ON payments
WHEN NEW.status <> OLD.status AND EXISTS (SELECT 1 FROM batch_lines WHERE payment_id = OLD.id AND status IN ('pending', 'exported'))
BEGIN SELECT RAISE(ABORT, 'the payment is in a batch'); END;
