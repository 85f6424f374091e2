-- What was paid is claimed back, and not more of it than was paid.
CREATE TRIGGER recoveries_of_paid BEFORE INSERT ON recoveries
WHEN NEW.repaid_fen <> 0 OR NEW.status <> 'open' OR NEW.amount_fen > (SELECT p.amount_fen FROM payments p WHERE p.id = NEW.payment_id AND p.status = 'paid')
        - (SELECT coalesce(SUM(r.amount_fen), 0) FROM recoveries r WHERE r.payment_id = NEW.payment_id AND r.status <> 'withdrawn')
    OR NOT EXISTS (SELECT 1 FROM payments p WHERE p.id = NEW.payment_id AND p.status = 'paid')
BEGIN SELECT RAISE(ABORT, 'more than was paid'); END;
CREATE TRIGGER payments_not_claimed_back BEFORE UPDATE OF status ON payments
WHEN OLD.status = 'paid' AND NEW.status <> 'paid'
    AND EXISTS (SELECT 1 FROM recoveries r WHERE r.payment_id = OLD.id AND r.status <> 'withdrawn')
BEGIN SELECT RAISE(ABORT, 'the payment is being recovered'); END;
-- What came in is the sum of the instalments; they are for ever, of what is owed, and nothing undoes what undoes.
CREATE TRIGGER recovery_instalments_owed BEFORE INSERT ON recovery_instalments
WHEN (SELECT r.status FROM recoveries r WHERE r.id = NEW.recovery_id) <> 'open'
    OR EXISTS (SELECT 1 FROM recovery_instalments i WHERE i.id = NEW.reverses_id AND i.reverses_id IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'nothing is owed'); END;
CREATE TRIGGER recovery_instalments_sum AFTER INSERT ON recovery_instalments BEGIN
    UPDATE recoveries SET repaid_fen = repaid_fen + CASE WHEN NEW.reverses_id IS NULL THEN NEW.amount_fen ELSE -NEW.amount_fen END
        WHERE id = NEW.recovery_id;
END;
CREATE TRIGGER recoveries_keep BEFORE UPDATE ON recoveries
WHEN NEW.payment_id <> OLD.payment_id OR NEW.amount_fen <> OLD.amount_fen OR NEW.reason_code <> OLD.reason_code
    OR (OLD.status IN ('written_off', 'withdrawn') AND NEW.status <> OLD.status)
    OR (NEW.repaid_fen <> OLD.repaid_fen AND NEW.repaid_fen <> (SELECT coalesce(SUM(CASE WHEN i.reverses_id IS NULL THEN i.amount_fen ELSE -i.amount_fen END), 0)
        FROM recovery_instalments i WHERE i.recovery_id = OLD.id))
BEGIN SELECT RAISE(ABORT, 'a recovery stays what it is'); END;
CREATE TRIGGER recoveries_no_delete BEFORE DELETE ON recoveries
BEGIN SELECT RAISE(ABORT, 'recoveries are kept'); END;
CREATE TRIGGER recovery_instalments_no_update BEFORE UPDATE ON recovery_instalments
BEGIN SELECT RAISE(ABORT, 'instalments are append-only'); END;
CREATE TRIGGER recovery_instalments_no_delete BEFORE DELETE ON recovery_instalments
BEGIN SELECT RAISE(ABORT, 'instalments are append-only'); END;
-- Nothing is granted to whoever is barred. The day of the approval is known in UTC here: the zone is a day at most.
CREATE TRIGGER claims_not_barred BEFORE UPDATE OF status ON illness_claims
WHEN NEW.status = 'approved' AND OLD.status = 'verified' AND EXISTS (SELECT 1 FROM bars b
    WHERE b.person = NEW.person AND (b.free_from IS NULL OR b.free_from > date(NEW.approved_at, '+1 day')))
BEGIN SELECT RAISE(ABORT, 'the person is barred'); END;
CREATE TRIGGER aid_not_barred BEFORE UPDATE OF status ON aid_applications
WHEN NEW.status = 'approved' AND OLD.status = 'verified' AND EXISTS (SELECT 1 FROM bars b
    WHERE b.person = NEW.person AND (b.free_from IS NULL OR b.free_from > date(NEW.approved_at, '+1 day')))
BEGIN SELECT RAISE(ABORT, 'the person is barred'); END;
CREATE TRIGGER bars_keep BEFORE UPDATE ON bars
WHEN NEW.person <> OLD.person OR NEW.recovery_id <> OLD.recovery_id OR NEW.from_on <> OLD.from_on
BEGIN SELECT RAISE(ABORT, 'a bar stays what it is'); END;
CREATE TRIGGER bars_no_delete BEFORE DELETE ON bars
BEGIN SELECT RAISE(ABORT, 'bars are kept'); END;
