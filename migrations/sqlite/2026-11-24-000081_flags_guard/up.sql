-- A payment is for what its budget line is for (rule 68), and neither a line nor a fund becomes something else afterwards.
CREATE TRIGGER payments_purpose BEFORE INSERT ON payments
WHEN NEW.kind <> (SELECT aid_kind FROM budget_lines WHERE id = NEW.budget_line_id)
BEGIN SELECT RAISE(ABORT, 'the budget line is for something else'); END;
CREATE TRIGGER payments_purpose_kept BEFORE UPDATE OF kind, budget_line_id ON payments
WHEN NEW.kind <> (SELECT aid_kind FROM budget_lines WHERE id = NEW.budget_line_id)
BEGIN SELECT RAISE(ABORT, 'the budget line is for something else'); END;
CREATE TRIGGER budget_lines_same BEFORE UPDATE OF fund_id, aid_kind ON budget_lines
WHEN NEW.fund_id <> OLD.fund_id OR NEW.aid_kind <> OLD.aid_kind
BEGIN SELECT RAISE(ABORT, 'a budget line stays what it is for'); END;
CREATE TRIGGER funds_source_same BEFORE UPDATE OF source ON funds WHEN NEW.source <> OLD.source
BEGIN SELECT RAISE(ABORT, 'a fund keeps its source'); END;
