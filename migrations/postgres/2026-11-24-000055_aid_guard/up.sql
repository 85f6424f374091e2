-- File before aid (rule 67): what needs a file is granted only while that file is on file.
CREATE FUNCTION aid_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM files f WHERE f.id = NEW.file_id AND f.status = 'on_file' AND f.opened_on IS NOT NULL) THEN
        RAISE EXCEPTION 'the file is not on file';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER aid_after_file BEFORE UPDATE ON aid_applications FOR EACH ROW
WHEN (NEW.status = 'approved' AND OLD.status = 'verified' AND NEW.needs_file) EXECUTE FUNCTION aid_guard();
-- Central money is for files of the national standard, provincial money for those of the province's or stricter (rule 23).
CREATE FUNCTION payment_level() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM budget_lines l JOIN funds f ON f.id = l.fund_id JOIN aid_applications a ON a.id = NEW.aid_id
        WHERE l.id = NEW.budget_line_id
          AND ((f.source = 'central' AND coalesce(a.level, '') <> 'national')
            OR (f.source = 'provincial' AND coalesce(a.level, '') NOT IN ('national', 'provincial')))) THEN
        RAISE EXCEPTION 'the fund is for files of a stricter standard';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_level BEFORE INSERT ON payments FOR EACH ROW
WHEN (NEW.aid_id IS NOT NULL) EXECUTE FUNCTION payment_level();
-- What is granted to a household that has left hardship since is not sent to the bank, nor paid by hand (rule 77).
CREATE FUNCTION batch_line_on_file() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM payments p JOIN aid_applications a ON a.id = p.aid_id JOIN files f ON f.id = a.file_id
        WHERE p.id = NEW.payment_id AND a.needs_file AND f.status <> 'on_file') THEN
        RAISE EXCEPTION 'the file has ended';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_lines_on_file BEFORE UPDATE ON batch_lines FOR EACH ROW
WHEN (NEW.status = 'exported' AND OLD.status = 'pending') EXECUTE FUNCTION batch_line_on_file();
CREATE FUNCTION payment_on_file() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM aid_applications a JOIN files f ON f.id = a.file_id
        WHERE a.id = NEW.aid_id AND a.needs_file AND f.status <> 'on_file')
      AND NOT EXISTS (SELECT 1 FROM batch_lines b WHERE b.payment_id = NEW.id AND b.status = 'paid') THEN
        RAISE EXCEPTION 'the file has ended';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_on_file BEFORE UPDATE ON payments FOR EACH ROW
WHEN (NEW.status = 'paid' AND OLD.status = 'due') EXECUTE FUNCTION payment_on_file();
-- From the day of the policy on no payment is made to a household whose yearly review was missed (rule 36).
CREATE FUNCTION payment_reviewed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    blocks_from DATE;
    last_year   INTEGER := extract(year FROM NEW.approved_on)::INTEGER - 1;
BEGIN
    SELECT (p.rules::json ->> 'unreviewed_blocks_from')::DATE INTO blocks_from FROM policies p
     WHERE p.kind = 'procedure' AND p.status = 'in_force' AND p.valid_from <= NEW.approved_on
       AND (p.valid_to IS NULL OR p.valid_to >= NEW.approved_on)
     ORDER BY p.valid_from DESC, p.approved_at DESC, p.id DESC LIMIT 1;
    IF NEW.approved_on >= blocks_from AND EXISTS (SELECT 1 FROM files f
        WHERE f.member_id = coalesce((SELECT c.member_id FROM illness_claims c WHERE c.id = NEW.claim_id),
                                     (SELECT a.member_id FROM aid_applications a WHERE a.id = NEW.aid_id))
        AND f.status = 'on_file'
        AND extract(year FROM f.opened_on) < last_year
        AND NOT EXISTS (SELECT 1 FROM file_reviews r WHERE r.file_id = f.id AND r.year >= last_year)) THEN
        RAISE EXCEPTION 'the yearly review of the file was missed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_reviewed BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION payment_reviewed();
