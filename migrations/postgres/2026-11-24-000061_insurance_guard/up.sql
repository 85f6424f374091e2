-- Nobody has two covers of one plan on one day (rule 85): whoever enrols by a plan waits for the others.
CREATE FUNCTION enrolment_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('covers of ' || NEW.plan_code, 0));
    IF NEW.status <> 'voided' AND EXISTS (SELECT 1 FROM enrolments e WHERE e.person = NEW.person AND e.plan_code = NEW.plan_code
        AND e.status <> 'voided' AND e.starts_on <= NEW.ends_on AND coalesce(e.ended_on, e.ends_on) >= NEW.starts_on) THEN
        RAISE EXCEPTION 'the person is covered already';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER enrolments_overlap BEFORE INSERT ON enrolments FOR EACH ROW EXECUTE FUNCTION enrolment_overlap();
-- Who is on a list is said when it is made.
CREATE FUNCTION enrolment_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT status FROM insurance_lists WHERE id = NEW.list_id) <> 'draft' THEN
        RAISE EXCEPTION 'the list was submitted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER enrolments_frozen BEFORE INSERT ON enrolments FOR EACH ROW EXECUTE FUNCTION enrolment_frozen();
CREATE TRIGGER enrolments_kept BEFORE DELETE OR TRUNCATE ON enrolments
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the people of a list are kept');
CREATE TRIGGER enrolments_same BEFORE UPDATE ON enrolments FOR EACH ROW
WHEN ((NEW.id, NEW.list_id, NEW.person, NEW.member_id, NEW.shares, NEW.premium_fen, NEW.starts_on, NEW.ends_on, NEW.start_year)
    IS DISTINCT FROM (OLD.id, OLD.list_id, OLD.person, OLD.member_id, OLD.shares, OLD.premium_fen, OLD.starts_on, OLD.ends_on, OLD.start_year)
  OR (OLD.ended_on IS NOT NULL AND NEW.ended_on IS DISTINCT FROM OLD.ended_on)
  OR (OLD.status <> NEW.status AND NOT ((OLD.status = 'listed' AND NEW.status IN ('in_force', 'voided'))
    OR (OLD.status = 'in_force' AND NEW.status IN ('ended', 'voided')))))
EXECUTE FUNCTION refuse('somebody on a list stays who it is');
-- What was approved is what is sent, and it is sent once.
CREATE TRIGGER insurance_lists_once BEFORE UPDATE ON insurance_lists FOR EACH ROW
WHEN ((NEW.head_count, NEW.total_fen, NEW.plan_id, NEW.starts_on, NEW.ends_on, NEW.payer)
    IS DISTINCT FROM (OLD.head_count, OLD.total_fen, OLD.plan_id, OLD.starts_on, OLD.ends_on, OLD.payer)
  OR (OLD.content_hash IS NOT NULL AND (NEW.content_hash, NEW.content_sealed) IS DISTINCT FROM (OLD.content_hash, OLD.content_sealed))
  OR (OLD.status <> NEW.status AND NOT ((OLD.status = 'draft' AND NEW.status = 'submitted') OR (OLD.status = 'submitted' AND NEW.status = 'approved')
    OR (OLD.status = 'approved' AND NEW.status = 'sent') OR (OLD.status = 'sent' AND NEW.status = 'in_force')
    OR (OLD.status IN ('draft', 'submitted', 'approved') AND NEW.status = 'cancelled'))))
EXECUTE FUNCTION refuse('the list stays what it is');
CREATE TRIGGER insurance_plans_same BEFORE UPDATE OR DELETE OR TRUNCATE ON insurance_plans
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a plan is followed by another revision');
