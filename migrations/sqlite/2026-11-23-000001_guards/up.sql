-- A sealed event is for ever; an unsealed one may only be sealed.
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_events_seal_only BEFORE UPDATE ON audit_events
WHEN OLD.seq IS NOT NULL OR NEW.seq IS NULL
  OR (NEW.id, NEW.at, NEW.actor_role, NEW.action, NEW.subject_type, NEW.fields, NEW.before, NEW.request_id)
     <> (OLD.id, OLD.at, OLD.actor_role, OLD.action, OLD.subject_type, OLD.fields, OLD.before, OLD.request_id)
  OR NEW.actor_id IS NOT OLD.actor_id OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.subject_id IS NOT OLD.subject_id OR NEW.reason IS NOT OLD.reason
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_nodes_no_delete BEFORE DELETE ON audit_nodes
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_nodes_no_update BEFORE UPDATE ON audit_nodes
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_checkpoints_no_delete BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_checkpoints_no_update BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_cosignatures_no_delete BEFORE DELETE ON audit_cosignatures
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_cosignatures_no_update BEFORE UPDATE ON audit_cosignatures
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- A witness may be retired once, and is never forgotten: its signatures stay.
CREATE TRIGGER audit_witnesses_no_delete BEFORE DELETE ON audit_witnesses
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_witnesses_retire_only BEFORE UPDATE ON audit_witnesses
WHEN OLD.retired_at IS NOT NULL OR NEW.retired_at IS NULL
  OR (NEW.id, NEW.key, NEW.created_by, NEW.created_at) <> (OLD.id, OLD.key, OLD.created_by, OLD.created_at)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- A policy that has been in force can't change, but that it may become superseded.
CREATE TRIGGER policies_immutable BEFORE UPDATE ON policies
WHEN OLD.status <> 'draft' AND (NEW.status <> 'superseded' OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.rules <> OLD.rules
  OR NEW.valid_from <> OLD.valid_from OR NEW.valid_to IS NOT OLD.valid_to OR NEW.region_code IS NOT OLD.region_code
  OR NEW.approved_by IS NOT OLD.approved_by OR NEW.created_by IS NOT OLD.created_by
  OR NEW.approved_at IS NOT OLD.approved_at)
BEGIN SELECT RAISE(ABORT, 'a policy in force is immutable'); END;
CREATE TRIGGER policies_no_delete BEFORE DELETE ON policies
BEGIN SELECT RAISE(ABORT, 'policies are kept for ever'); END;

-- Totals of the five ones: each row counts for its contact ('' for none) and for all contacts ('*').
CREATE TRIGGER ledgers_counted AFTER INSERT ON ledgers BEGIN
    INSERT INTO ledger_counts VALUES
        (NEW.organization_id, coalesce(NEW.contact_id, ''), NEW.year, NEW.complete, 1),
        (NEW.organization_id, '*', NEW.year, NEW.complete, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER ledgers_recounted AFTER UPDATE OF organization_id, contact_id, complete ON ledgers
WHEN NEW.organization_id <> OLD.organization_id OR NEW.contact_id IS NOT OLD.contact_id OR NEW.complete <> OLD.complete BEGIN
    UPDATE ledger_counts SET n = n - 1 WHERE year = OLD.year AND organization_id = OLD.organization_id
        AND contact_id IN (coalesce(OLD.contact_id, ''), '*') AND complete = OLD.complete;
    INSERT INTO ledger_counts VALUES
        (NEW.organization_id, coalesce(NEW.contact_id, ''), NEW.year, NEW.complete, 1),
        (NEW.organization_id, '*', NEW.year, NEW.complete, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- The day matters for what is still to be done only; for the rest one day stands for all.
CREATE TRIGGER duties_counted AFTER INSERT ON duties BEGIN
    INSERT INTO duty_counts VALUES
        (NEW.organization_id, coalesce(NEW.contact_id, ''), NEW.year, NEW.kind, NEW.state,
            CASE NEW.state WHEN 'open' THEN NEW.due_on ELSE '2000-01-01' END, 1),
        (NEW.organization_id, '*', NEW.year, NEW.kind, NEW.state,
            CASE NEW.state WHEN 'open' THEN NEW.due_on ELSE '2000-01-01' END, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER duties_recounted AFTER UPDATE OF organization_id, contact_id, state, due_on ON duties
WHEN NEW.organization_id <> OLD.organization_id OR NEW.contact_id IS NOT OLD.contact_id OR NEW.state <> OLD.state
  OR NEW.due_on <> OLD.due_on BEGIN
    UPDATE duty_counts SET n = n - 1 WHERE year = OLD.year AND organization_id = OLD.organization_id
        AND contact_id IN (coalesce(OLD.contact_id, ''), '*') AND kind = OLD.kind AND state = OLD.state
        AND due_on = CASE OLD.state WHEN 'open' THEN OLD.due_on ELSE '2000-01-01' END;
    INSERT INTO duty_counts VALUES
        (NEW.organization_id, coalesce(NEW.contact_id, ''), NEW.year, NEW.kind, NEW.state,
            CASE NEW.state WHEN 'open' THEN NEW.due_on ELSE '2000-01-01' END, 1),
        (NEW.organization_id, '*', NEW.year, NEW.kind, NEW.state,
            CASE NEW.state WHEN 'open' THEN NEW.due_on ELSE '2000-01-01' END, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- No duty is lost.
CREATE TRIGGER ledgers_no_delete BEFORE DELETE ON ledgers
BEGIN SELECT RAISE(ABORT, 'a ledger is never deleted'); END;
CREATE TRIGGER duties_no_delete BEFORE DELETE ON duties
BEGIN SELECT RAISE(ABORT, 'a duty is never deleted'); END;
