-- A payment is for what its budget line is for (rule 68), and neither a line nor a fund becomes something else afterwards.
CREATE FUNCTION payment_purpose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.kind <> (SELECT aid_kind FROM budget_lines WHERE id = NEW.budget_line_id) THEN
        RAISE EXCEPTION 'the budget line is for something else';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_purpose BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION payment_purpose();
CREATE TRIGGER payments_purpose_kept BEFORE UPDATE OF kind, budget_line_id ON payments FOR EACH ROW EXECUTE FUNCTION payment_purpose();
CREATE FUNCTION purpose_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;
CREATE TRIGGER budget_lines_same BEFORE UPDATE OF fund_id, aid_kind ON budget_lines FOR EACH ROW
WHEN (NEW.fund_id <> OLD.fund_id OR NEW.aid_kind <> OLD.aid_kind) EXECUTE FUNCTION purpose_is_kept('a budget line stays what it is for');
CREATE TRIGGER funds_source_same BEFORE UPDATE OF source ON funds FOR EACH ROW
WHEN (NEW.source <> OLD.source) EXECUTE FUNCTION purpose_is_kept('a fund keeps its source');
