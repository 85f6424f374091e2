-- File before aid (rule 67): what needs a file is granted only while that file is on file.
CREATE TRIGGER aid_after_file BEFORE UPDATE ON aid_applications
WHEN NEW.status = 'approved' AND OLD.status = 'verified' AND NEW.needs_file
  AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = NEW.file_id AND f.status = 'on_file' AND f.opened_on IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the file is not on file'); END;
-- Central money is for files of the national standard, provincial money for those of the province's or stricter (rule 23).
CREATE TRIGGER payments_level BEFORE INSERT ON payments
WHEN NEW.aid_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM budget_lines l JOIN funds f ON f.id = l.fund_id JOIN aid_applications a ON a.id = NEW.aid_id
    WHERE l.id = NEW.budget_line_id
      AND ((f.source = 'central' AND coalesce(a.level, '') <> 'national')
        OR (f.source = 'provincial' AND coalesce(a.level, '') NOT IN ('national', 'provincial'))))
BEGIN SELECT RAISE(ABORT, 'the fund is for files of a stricter standard'); END;
-- What is granted to a household that has left hardship since is not sent to the bank, nor paid by hand (rule 77).
CREATE TRIGGER batch_lines_on_file BEFORE UPDATE ON batch_lines
WHEN NEW.status = 'exported' AND OLD.status = 'pending' AND EXISTS (
    SELECT 1 FROM payments p JOIN aid_applications a ON a.id = p.aid_id JOIN files f ON f.id = a.file_id
    WHERE p.id = NEW.payment_id AND a.needs_file AND f.status <> 'on_file')
BEGIN SELECT RAISE(ABORT, 'the file has ended'); END;
CREATE TRIGGER payments_on_file BEFORE UPDATE ON payments
WHEN NEW.status = 'paid' AND OLD.status = 'due' AND EXISTS (
    SELECT 1 FROM aid_applications a JOIN files f ON f.id = a.file_id
    WHERE a.id = NEW.aid_id AND a.needs_file AND f.status <> 'on_file')
  AND NOT EXISTS (SELECT 1 FROM batch_lines b WHERE b.payment_id = NEW.id AND b.status = 'paid')
BEGIN SELECT RAISE(ABORT, 'the file has ended'); END;
-- From the day of the policy on no payment is made to a household whose yearly review was missed (rule 36).
CREATE TRIGGER payments_reviewed BEFORE INSERT ON payments
WHEN NEW.approved_on >= (SELECT json_extract(p.rules, '$.unreviewed_blocks_from') FROM policies p
       WHERE p.kind = 'procedure' AND p.status = 'in_force' AND p.valid_from <= NEW.approved_on
         AND (p.valid_to IS NULL OR p.valid_to >= NEW.approved_on)
       ORDER BY p.valid_from DESC, p.approved_at DESC, p.id DESC LIMIT 1)
  AND EXISTS (SELECT 1 FROM files f
        WHERE f.member_id = coalesce((SELECT c.member_id FROM illness_claims c WHERE c.id = NEW.claim_id),
                                     (SELECT a.member_id FROM aid_applications a WHERE a.id = NEW.aid_id))
        AND f.status = 'on_file'
       AND CAST(substr(f.opened_on, 1, 4) AS INTEGER) < CAST(substr(NEW.approved_on, 1, 4) AS INTEGER) - 1
       AND NOT EXISTS (SELECT 1 FROM file_reviews r WHERE r.file_id = f.id AND r.year >= CAST(substr(NEW.approved_on, 1, 4) AS INTEGER) - 1))
BEGIN SELECT RAISE(ABORT, 'the yearly review of the file was missed'); END;
