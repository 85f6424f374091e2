-- Nobody has two covers of one plan on one day (rule 85).
CREATE TRIGGER enrolments_overlap BEFORE INSERT ON enrolments
WHEN NEW.status <> 'voided' AND EXISTS (SELECT 1 FROM enrolments e WHERE e.person = NEW.person AND e.plan_code = NEW.plan_code
  AND e.status <> 'voided' AND e.starts_on <= NEW.ends_on AND coalesce(e.ended_on, e.ends_on) >= NEW.starts_on)
BEGIN SELECT RAISE(ABORT, 'the person is covered already'); END;
-- Who is on a list is said when it is made.
CREATE TRIGGER enrolments_frozen BEFORE INSERT ON enrolments
WHEN (SELECT status FROM insurance_lists WHERE id = NEW.list_id) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'the list was submitted'); END;
CREATE TRIGGER enrolments_kept BEFORE DELETE ON enrolments
BEGIN SELECT RAISE(ABORT, 'the people of a list are kept'); END;
CREATE TRIGGER enrolments_same BEFORE UPDATE ON enrolments
WHEN NEW.id <> OLD.id OR NEW.list_id <> OLD.list_id OR NEW.person <> OLD.person OR NEW.member_id <> OLD.member_id OR NEW.shares <> OLD.shares
  OR NEW.premium_fen <> OLD.premium_fen OR NEW.starts_on <> OLD.starts_on OR NEW.ends_on <> OLD.ends_on OR NEW.start_year <> OLD.start_year
  OR (OLD.ended_on IS NOT NULL AND NEW.ended_on IS NOT OLD.ended_on)
  OR (OLD.status <> NEW.status AND NOT ((OLD.status = 'listed' AND NEW.status IN ('in_force', 'voided'))
    OR (OLD.status = 'in_force' AND NEW.status IN ('ended', 'voided'))))
BEGIN SELECT RAISE(ABORT, 'somebody on a list stays who it is'); END;
-- What was approved is what is sent, and it is sent once.
CREATE TRIGGER insurance_lists_once BEFORE UPDATE ON insurance_lists
WHEN NEW.head_count <> OLD.head_count OR NEW.total_fen <> OLD.total_fen OR NEW.plan_id <> OLD.plan_id OR NEW.starts_on <> OLD.starts_on
  OR NEW.ends_on <> OLD.ends_on OR NEW.payer <> OLD.payer
  OR (OLD.content_hash IS NOT NULL AND (NEW.content_hash IS NOT OLD.content_hash OR NEW.content_sealed IS NOT OLD.content_sealed))
  OR (OLD.status <> NEW.status AND NOT ((OLD.status = 'draft' AND NEW.status = 'submitted') OR (OLD.status = 'submitted' AND NEW.status = 'approved')
    OR (OLD.status = 'approved' AND NEW.status = 'sent') OR (OLD.status = 'sent' AND NEW.status = 'in_force')
    OR (OLD.status IN ('draft', 'submitted', 'approved') AND NEW.status = 'cancelled')))
BEGIN SELECT RAISE(ABORT, 'the list stays what it is'); END;
CREATE TRIGGER insurance_plans_same BEFORE UPDATE ON insurance_plans
BEGIN SELECT RAISE(ABORT, 'a plan is followed by another revision'); END;
CREATE TRIGGER insurance_plans_kept BEFORE DELETE ON insurance_plans
BEGIN SELECT RAISE(ABORT, 'a plan is followed by another revision'); END;
