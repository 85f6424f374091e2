-- The account changes of what is due or failed and not on its way to the bank (rule 75).
CREATE TRIGGER account_changes_of_open_payment BEFORE INSERT ON account_changes
WHEN (SELECT p.status FROM payments p WHERE p.id = NEW.payment_id) NOT IN ('due', 'failed')
    OR EXISTS (SELECT 1 FROM batch_lines l WHERE l.payment_id = NEW.payment_id AND l.status IN ('pending', 'exported'))
BEGIN SELECT RAISE(ABORT, 'the payment allows no other account'); END;
-- What was decided stays, and so does what was proposed.
CREATE TRIGGER account_changes_once BEFORE UPDATE ON account_changes
WHEN OLD.status <> 'proposed' OR NEW.payment_id <> OLD.payment_id OR NEW.account_sealed <> OLD.account_sealed
    OR NEW.proposer_person <> OLD.proposer_person
BEGIN SELECT RAISE(ABORT, 'a change of account is decided once'); END;
CREATE TRIGGER account_changes_kept BEFORE DELETE ON account_changes
BEGIN SELECT RAISE(ABORT, 'changes of accounts are kept'); END;
-- Nothing is paid, sent or made anew while a change waits.
CREATE TRIGGER payments_account_stands BEFORE UPDATE OF status ON payments
WHEN NEW.status = 'paid' AND OLD.status <> 'paid'
    AND EXISTS (SELECT 1 FROM account_changes c WHERE c.payment_id = NEW.id AND c.status = 'proposed')
BEGIN SELECT RAISE(ABORT, 'a change of the account waits'); END;
CREATE TRIGGER payments_reissue_account_stands BEFORE INSERT ON payments
WHEN EXISTS (SELECT 1 FROM account_changes c WHERE c.payment_id = NEW.replaces_id AND c.status = 'proposed')
BEGIN SELECT RAISE(ABORT, 'a change of the account waits'); END;
CREATE TRIGGER batch_lines_account_stands BEFORE UPDATE OF status ON batch_lines
WHEN NEW.status = 'exported' AND OLD.status <> 'exported'
    AND EXISTS (SELECT 1 FROM account_changes c WHERE c.payment_id = NEW.payment_id AND c.status = 'proposed')
BEGIN SELECT RAISE(ABORT, 'a change of the account waits'); END;
-- Whoever pays a case redirects none of its money (rule 6).
CREATE TRIGGER account_changes_not_payer BEFORE INSERT ON account_changes
WHEN EXISTS (SELECT 1 FROM payments p JOIN case_parts c ON c.case_id = coalesce(p.claim_id, p.aid_id)
    WHERE p.id = NEW.payment_id AND c.part = 'payer' AND c.user_person = NEW.proposer_person)
BEGIN SELECT RAISE(ABORT, 'the payer redirects no money'); END;
CREATE TRIGGER account_changes_decider_not_payer BEFORE UPDATE OF decider_person ON account_changes
WHEN EXISTS (SELECT 1 FROM payments p JOIN case_parts c ON c.case_id = coalesce(p.claim_id, p.aid_id)
    WHERE p.id = NEW.payment_id AND c.part = 'payer' AND c.user_person = NEW.decider_person)
BEGIN SELECT RAISE(ABORT, 'the payer redirects no money'); END;
CREATE TRIGGER case_parts_redirects_nothing BEFORE INSERT ON case_parts
WHEN NEW.part = 'payer' AND EXISTS (SELECT 1 FROM account_changes c
    WHERE c.payment_id IN (SELECT p.id FROM payments p WHERE p.claim_id = NEW.case_id UNION ALL SELECT p.id FROM payments p WHERE p.aid_id = NEW.case_id)
        AND NEW.user_person IN (c.proposer_person, c.decider_person))
BEGIN SELECT RAISE(ABORT, 'the payer redirects no money'); END;
