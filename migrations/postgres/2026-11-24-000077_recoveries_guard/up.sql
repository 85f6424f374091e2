-- What was paid is claimed back, and not more of it than was paid; the payment is locked meanwhile.
CREATE FUNCTION recovery_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid BIGINT;
BEGIN
    SELECT p.amount_fen INTO paid FROM payments p WHERE p.id = NEW.payment_id AND p.status = 'paid' FOR NO KEY UPDATE;
    IF paid IS NULL OR NEW.repaid_fen <> 0 OR NEW.status <> 'open' OR NEW.amount_fen > paid
        - (SELECT coalesce(SUM(r.amount_fen), 0) FROM recoveries r WHERE r.payment_id = NEW.payment_id AND r.status <> 'withdrawn')
    THEN RAISE EXCEPTION 'more than was paid'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recoveries_of_paid BEFORE INSERT ON recoveries FOR EACH ROW EXECUTE FUNCTION recovery_guard();
CREATE FUNCTION not_claimed_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM recoveries r WHERE r.payment_id = OLD.id AND r.status <> 'withdrawn')
    THEN RAISE EXCEPTION 'the payment is being recovered'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_not_claimed_back BEFORE UPDATE OF status ON payments FOR EACH ROW
WHEN (OLD.status = 'paid' AND NEW.status <> 'paid') EXECUTE FUNCTION not_claimed_back();
-- What came in is the sum of the instalments; they are for ever, of what is owed, and nothing undoes what undoes.
CREATE FUNCTION instalment_owed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE stands TEXT;
BEGIN
    SELECT r.status INTO stands FROM recoveries r WHERE r.id = NEW.recovery_id FOR NO KEY UPDATE;
    IF stands <> 'open' OR EXISTS (SELECT 1 FROM recovery_instalments i WHERE i.id = NEW.reverses_id AND i.reverses_id IS NOT NULL)
    THEN RAISE EXCEPTION 'nothing is owed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recovery_instalments_owed BEFORE INSERT ON recovery_instalments
FOR EACH ROW EXECUTE FUNCTION instalment_owed();
CREATE FUNCTION instalment_sum() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE recoveries SET repaid_fen = repaid_fen + CASE WHEN NEW.reverses_id IS NULL THEN NEW.amount_fen ELSE -NEW.amount_fen END
        WHERE id = NEW.recovery_id;
    RETURN NULL;
END $$;
CREATE TRIGGER recovery_instalments_sum AFTER INSERT ON recovery_instalments
FOR EACH ROW EXECUTE FUNCTION instalment_sum();
CREATE TRIGGER recoveries_keep BEFORE UPDATE ON recoveries FOR EACH ROW
WHEN ((NEW.payment_id, NEW.amount_fen, NEW.reason_code) IS DISTINCT FROM (OLD.payment_id, OLD.amount_fen, OLD.reason_code)
    OR (OLD.status IN ('written_off', 'withdrawn') AND NEW.status <> OLD.status) OR (NEW.repaid_fen <> OLD.repaid_fen AND pg_trigger_depth() = 0))
EXECUTE FUNCTION refuse('a recovery stays what it is');
CREATE TRIGGER recoveries_no_delete BEFORE DELETE OR TRUNCATE ON recoveries
FOR EACH STATEMENT EXECUTE FUNCTION refuse('recoveries are kept');
CREATE TRIGGER recovery_instalments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recovery_instalments
FOR EACH STATEMENT EXECUTE FUNCTION refuse('instalments are append-only');
-- Nothing is granted to whoever is barred: a bar and a grant lock the member, so that one sees the other. The day of the
-- approval is known in UTC here: the zone is a day at most.
CREATE FUNCTION not_barred() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM 1 FROM members m WHERE m.id = NEW.member_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM bars b WHERE b.person = NEW.person
        AND (b.free_from IS NULL OR b.free_from > NEW.approved_at::date + 1))
    THEN RAISE EXCEPTION 'the person is barred'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claims_not_barred BEFORE UPDATE OF status ON illness_claims FOR EACH ROW
WHEN (NEW.status = 'approved' AND OLD.status = 'verified') EXECUTE FUNCTION not_barred();
CREATE TRIGGER aid_not_barred BEFORE UPDATE OF status ON aid_applications FOR EACH ROW
WHEN (NEW.status = 'approved' AND OLD.status = 'verified') EXECUTE FUNCTION not_barred();
CREATE FUNCTION bar_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM 1 FROM members m WHERE m.person = NEW.person FOR NO KEY UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER bars_laid BEFORE INSERT ON bars FOR EACH ROW EXECUTE FUNCTION bar_guard();
CREATE TRIGGER bars_keep BEFORE UPDATE ON bars FOR EACH ROW
WHEN ((NEW.person, NEW.recovery_id, NEW.from_on) IS DISTINCT FROM (OLD.person, OLD.recovery_id, OLD.from_on))
EXECUTE FUNCTION refuse('a bar stays what it is');
CREATE TRIGGER bars_no_delete BEFORE DELETE OR TRUNCATE ON bars
FOR EACH STATEMENT EXECUTE FUNCTION refuse('bars are kept');
