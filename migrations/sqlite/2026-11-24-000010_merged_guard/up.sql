-- Only one who is not merged takes others in, and two households on file are not made one by it (rules 9, 45).
CREATE TRIGGER members_merged_once BEFORE UPDATE OF merged_into ON members
WHEN NEW.merged_into IS NOT NULL AND (
    NEW.merged_into = NEW.id
    OR EXISTS (SELECT 1 FROM members m WHERE m.id = NEW.merged_into AND m.merged_into IS NOT NULL)
    OR EXISTS (SELECT 1 FROM members m WHERE m.merged_into = NEW.id)
    OR EXISTS (SELECT 1 FROM files f WHERE f.member_id = NEW.id
        AND f.status NOT IN ('exited', 'relieved', 'deregistered', 'rejected', 'withdrawn')))
BEGIN SELECT RAISE(ABORT, 'the record can not be merged'); END;

-- A merged record gets no new file and no new claim.
CREATE TRIGGER files_not_merged BEFORE INSERT ON files
WHEN EXISTS (SELECT 1 FROM members m WHERE m.id = NEW.member_id AND m.merged_into IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the record is merged'); END;
CREATE TRIGGER claims_not_merged BEFORE INSERT ON illness_claims
WHEN EXISTS (SELECT 1 FROM members m WHERE m.id = NEW.member_id AND m.merged_into IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the record is merged'); END;

-- One grant per person and programme year, whichever of the merged records it stands on (rule 62).
CREATE TRIGGER claims_one_grant_merged BEFORE UPDATE OF status ON illness_claims
WHEN NEW.status = 'approved' AND OLD.status <> 'approved' AND EXISTS (
    SELECT 1 FROM members own
    JOIN members other ON other.id = own.merged_into OR other.merged_into = coalesce(own.merged_into, own.id)
    JOIN illness_claims c ON c.member_id = other.id
    WHERE own.id = NEW.member_id AND other.id <> own.id
        AND c.programme_year = NEW.programme_year AND c.status IN ('approved', 'paid') AND c.released_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'the person has a grant of this year'); END;
