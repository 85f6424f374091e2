-- What is signed for cash are two different papers of the payment, an agent brings a proxy and has no part on the case, and
-- the amount is within the limit of the day's policy (rules 6, 74).
CREATE TRIGGER payments_cash_signed BEFORE UPDATE OF status ON payments
WHEN NEW.status = 'paid' AND OLD.status <> 'paid' AND NEW.method = 'cash' AND (
    (SELECT COUNT(DISTINCT a.address) FROM attachments a WHERE a.payment_id = NEW.id AND a.kind = 'signature'
        AND a.id IN (NEW.payee_signature_id, NEW.handler_signature_id)) <> 2
    OR (NEW.proxy_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.id = NEW.proxy_id
        AND a.payment_id = NEW.id AND a.kind = 'proxy' AND a.voided_at IS NULL))
    OR NEW.amount_fen > (SELECT json_extract(r.rules, '$.cash_limit_fen') FROM policies r WHERE r.kind = 'funding' AND r.status = 'in_force'
        AND r.valid_from <= NEW.paid_on AND (r.valid_to IS NULL OR r.valid_to >= NEW.paid_on)
        ORDER BY r.valid_from DESC, r.approved_at DESC, r.id DESC LIMIT 1)
    OR EXISTS (SELECT 1 FROM case_parts p WHERE p.case_id = coalesce(NEW.claim_id, NEW.aid_id) AND p.user_person = NEW.agent_person))
BEGIN SELECT RAISE(ABORT, 'cash is signed for by two'); END;
-- What a payment names stays.
CREATE TRIGGER attachments_signature_stays BEFORE UPDATE OF voided_at ON attachments
WHEN NEW.voided_at IS NOT NULL AND OLD.voided_at IS NULL AND EXISTS (SELECT 1 FROM payments p
    WHERE p.id = OLD.payment_id AND OLD.id IN (p.payee_signature_id, p.handler_signature_id, p.proxy_id))
BEGIN SELECT RAISE(ABORT, 'a payment names this paper'); END;
