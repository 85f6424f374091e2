-- The account changes of what is due or failed and not on its way to the bank (rule 75), and whoever pays a case redirects
-- none of its money (rule 6). The payment is locked, so that it is not paid at the same moment.
CREATE FUNCTION account_change_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands TEXT;
    paid_case TEXT;
BEGIN
    SELECT p.status, coalesce(p.claim_id, p.aid_id) INTO stands, paid_case FROM payments p WHERE p.id = NEW.payment_id FOR NO KEY UPDATE;
    IF TG_OP = 'INSERT' AND (stands NOT IN ('due', 'failed') OR EXISTS (SELECT 1 FROM batch_lines l
        WHERE l.payment_id = NEW.payment_id AND l.status IN ('pending', 'exported')))
    THEN RAISE EXCEPTION 'the payment allows no other account'; END IF;
    IF EXISTS (SELECT 1 FROM case_parts c WHERE c.case_id = paid_case AND c.part = 'payer'
        AND c.user_person IN (NEW.proposer_person, NEW.decider_person))
    THEN RAISE EXCEPTION 'the payer redirects no money'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_changes_of_open_payment BEFORE INSERT OR UPDATE ON account_changes
FOR EACH ROW EXECUTE FUNCTION account_change_guard();
-- What was decided stays, and so does what was proposed.
CREATE TRIGGER account_changes_once BEFORE UPDATE ON account_changes FOR EACH ROW
WHEN (OLD.status <> 'proposed' OR (NEW.payment_id, NEW.account_sealed, NEW.proposer_person)
    IS DISTINCT FROM (OLD.payment_id, OLD.account_sealed, OLD.proposer_person))
EXECUTE FUNCTION refuse('a change of account is decided once');
CREATE TRIGGER account_changes_kept BEFORE DELETE OR TRUNCATE ON account_changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse('changes of accounts are kept');
-- Nothing is paid, sent or made anew while a change waits.
CREATE FUNCTION account_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid TEXT;
BEGIN
    paid := to_jsonb(NEW) ->> TG_ARGV[0];
    IF EXISTS (SELECT 1 FROM account_changes c WHERE c.payment_id = paid AND c.status = 'proposed')
    THEN RAISE EXCEPTION 'a change of the account waits'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_account_stands BEFORE UPDATE OF status ON payments FOR EACH ROW
WHEN (NEW.status = 'paid' AND OLD.status <> 'paid') EXECUTE FUNCTION account_stands('id');
CREATE TRIGGER payments_reissue_account_stands BEFORE INSERT ON payments FOR EACH ROW
WHEN (NEW.replaces_id IS NOT NULL) EXECUTE FUNCTION account_stands('replaces_id');
CREATE TRIGGER batch_lines_account_stands BEFORE UPDATE OF status ON batch_lines FOR EACH ROW
WHEN (NEW.status = 'exported' AND OLD.status <> 'exported') EXECUTE FUNCTION account_stands('payment_id');
CREATE FUNCTION redirects_nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM account_changes c
        WHERE c.payment_id IN (SELECT p.id FROM payments p WHERE p.claim_id = NEW.case_id UNION ALL SELECT p.id FROM payments p WHERE p.aid_id = NEW.case_id)
            AND NEW.user_person IN (c.proposer_person, c.decider_person))
    THEN RAISE EXCEPTION 'the payer redirects no money'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER case_parts_redirects_nothing BEFORE INSERT ON case_parts FOR EACH ROW
WHEN (NEW.part = 'payer') EXECUTE FUNCTION redirects_nothing();
