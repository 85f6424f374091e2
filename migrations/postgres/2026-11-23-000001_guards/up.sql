-- Ranges over these columns must follow byte order whatever the database's locale says.
ALTER TABLE organizations ALTER COLUMN path TYPE TEXT COLLATE "C";
ALTER TABLE members ALTER COLUMN name TYPE TEXT COLLATE "C";

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

-- A sealed event is for ever; an unsealed one may only be sealed.
CREATE TRIGGER audit_events_no_delete BEFORE DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
CREATE TRIGGER audit_events_seal_only BEFORE UPDATE ON audit_events FOR EACH ROW
WHEN (OLD.seq IS NOT NULL OR NEW.seq IS NULL
  OR (NEW.id, NEW.at, NEW.actor_id, NEW.actor_role, NEW.organization_id, NEW.action, NEW.subject_type, NEW.subject_id, NEW.fields, NEW.before, NEW.reason, NEW.request_id)
     IS DISTINCT FROM
     (OLD.id, OLD.at, OLD.actor_id, OLD.actor_role, OLD.organization_id, OLD.action, OLD.subject_type, OLD.subject_id, OLD.fields, OLD.before, OLD.reason, OLD.request_id))
EXECUTE FUNCTION refuse('the audit log is append-only');
CREATE TRIGGER audit_nodes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_nodes
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
CREATE TRIGGER audit_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
CREATE TRIGGER audit_cosignatures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_cosignatures
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
-- A witness may be retired once, and is never forgotten: its signatures stay.
CREATE TRIGGER audit_witnesses_no_delete BEFORE DELETE OR TRUNCATE ON audit_witnesses
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
CREATE TRIGGER audit_witnesses_retire_only BEFORE UPDATE ON audit_witnesses FOR EACH ROW
WHEN (OLD.retired_at IS NOT NULL OR NEW.retired_at IS NULL
  OR (NEW.id, NEW.key, NEW.created_by, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.key, OLD.created_by, OLD.created_at))
EXECUTE FUNCTION refuse('the audit log is append-only');

-- A policy that has been in force can't change, but that it may become superseded.
CREATE TRIGGER policies_immutable BEFORE UPDATE ON policies FOR EACH ROW
WHEN (OLD.status <> 'draft' AND (NEW.status <> 'superseded'
  OR (NEW.id, NEW.kind, NEW.rules, NEW.valid_from, NEW.valid_to, NEW.region_code, NEW.approved_by, NEW.created_by, NEW.approved_at)
     IS DISTINCT FROM (OLD.id, OLD.kind, OLD.rules, OLD.valid_from, OLD.valid_to, OLD.region_code, OLD.approved_by, OLD.created_by, OLD.approved_at)))
EXECUTE FUNCTION refuse('a policy in force is immutable');
CREATE TRIGGER policies_no_delete BEFORE DELETE OR TRUNCATE ON policies
FOR EACH STATEMENT EXECUTE FUNCTION refuse('policies are kept for ever');

-- Totals of the five ones: each row counts for its contact ('' for none) and for all contacts ('*').
CREATE FUNCTION count_ledger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE ledger_counts SET n = n - 1 WHERE year = OLD.year AND organization_id = OLD.organization_id
            AND contact_id IN (coalesce(OLD.contact_id, ''), '*') AND complete = OLD.complete;
    END IF;
    INSERT INTO ledger_counts AS c VALUES
        (NEW.organization_id, coalesce(NEW.contact_id, ''), NEW.year, NEW.complete, 1),
        (NEW.organization_id, '*', NEW.year, NEW.complete, 1)
    ON CONFLICT (year, organization_id, contact_id, complete) DO UPDATE SET n = c.n + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER ledgers_counted AFTER INSERT ON ledgers FOR EACH ROW EXECUTE FUNCTION count_ledger();
CREATE TRIGGER ledgers_recounted AFTER UPDATE ON ledgers FOR EACH ROW
WHEN ((NEW.organization_id, NEW.contact_id, NEW.complete) IS DISTINCT FROM (OLD.organization_id, OLD.contact_id, OLD.complete))
EXECUTE FUNCTION count_ledger();
-- The day matters for what is still to be done only; for the rest one day stands for all.
CREATE FUNCTION count_duty() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    due DATE := CASE NEW.state WHEN 'open' THEN NEW.due_on ELSE '2000-01-01' END;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE duty_counts SET n = n - 1 WHERE year = OLD.year AND organization_id = OLD.organization_id
            AND contact_id IN (coalesce(OLD.contact_id, ''), '*') AND kind = OLD.kind AND state = OLD.state
            AND due_on = CASE OLD.state WHEN 'open' THEN OLD.due_on ELSE '2000-01-01' END;
    END IF;
    INSERT INTO duty_counts AS c VALUES
        (NEW.organization_id, coalesce(NEW.contact_id, ''), NEW.year, NEW.kind, NEW.state, due, 1),
        (NEW.organization_id, '*', NEW.year, NEW.kind, NEW.state, due, 1)
    ON CONFLICT (year, organization_id, contact_id, kind, state, due_on) DO UPDATE SET n = c.n + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER duties_counted AFTER INSERT ON duties FOR EACH ROW EXECUTE FUNCTION count_duty();
CREATE TRIGGER duties_recounted AFTER UPDATE ON duties FOR EACH ROW
WHEN ((NEW.organization_id, NEW.contact_id, NEW.state, NEW.due_on) IS DISTINCT FROM (OLD.organization_id, OLD.contact_id, OLD.state, OLD.due_on))
EXECUTE FUNCTION count_duty();
-- No duty is lost.
CREATE TRIGGER ledgers_no_delete BEFORE DELETE OR TRUNCATE ON ledgers
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a ledger is never deleted');
CREATE TRIGGER duties_no_delete BEFORE DELETE OR TRUNCATE ON duties
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a duty is never deleted');
