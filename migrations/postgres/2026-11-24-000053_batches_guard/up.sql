-- The lines of a batch are chosen while it is open, and stay what they are.
CREATE FUNCTION batch_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT status FROM payment_batches WHERE id = NEW.batch_id) <> 'open' THEN
        RAISE EXCEPTION 'the batch was submitted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_lines_frozen BEFORE INSERT ON batch_lines FOR EACH ROW EXECUTE FUNCTION batch_line_guard();
CREATE TRIGGER batch_lines_kept BEFORE DELETE OR TRUNCATE ON batch_lines
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the lines of a batch are kept');
CREATE TRIGGER batch_lines_same BEFORE UPDATE ON batch_lines FOR EACH ROW
WHEN (NEW.batch_id <> OLD.batch_id OR NEW.payment_id <> OLD.payment_id OR NEW.amount_fen <> OLD.amount_fen OR NEW.reference <> OLD.reference
  OR (OLD.status <> NEW.status AND NOT (OLD.status = 'pending' OR (OLD.status = 'exported' AND NEW.status IN ('paid', 'returned')))))
EXECUTE FUNCTION refuse('a line of a batch stays what it is');
-- The file for the bank is made once; what was confirmed is what is sent.
CREATE TRIGGER payment_batches_once BEFORE UPDATE ON payment_batches FOR EACH ROW
WHEN ((OLD.content_hash IS NOT NULL AND (NEW.content_hash, NEW.content_sealed) IS DISTINCT FROM (OLD.content_hash, OLD.content_sealed))
  OR (OLD.status <> 'open' AND (NEW.line_count, NEW.total_fen, NEW.layout_id) IS DISTINCT FROM (OLD.line_count, OLD.total_fen, OLD.layout_id)))
EXECUTE FUNCTION refuse('the batch was submitted');
-- What is on its way to the bank is not paid, failed or cancelled by hand.
CREATE FUNCTION payment_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM batch_lines WHERE payment_id = OLD.id AND status IN ('pending', 'exported')) THEN
        RAISE EXCEPTION 'the payment is in a batch';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_in_batch BEFORE UPDATE ON payments FOR EACH ROW
WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION payment_guard();
