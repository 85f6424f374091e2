-- Only one who is not merged takes others in, and two households on file are not made one by it (rules 9, 45).
CREATE FUNCTION merged_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.merged_into IS NOT NULL THEN
        PERFORM 1 FROM members m WHERE m.id = NEW.merged_into FOR UPDATE;
        IF NEW.merged_into = NEW.id
            OR EXISTS (SELECT 1 FROM members m WHERE m.id = NEW.merged_into AND m.merged_into IS NOT NULL)
            OR EXISTS (SELECT 1 FROM members m WHERE m.merged_into = NEW.id)
            OR EXISTS (SELECT 1 FROM files f WHERE f.member_id = NEW.id
                AND f.status NOT IN ('exited', 'relieved', 'deregistered', 'rejected', 'withdrawn'))
        THEN RAISE EXCEPTION 'the record can not be merged'; END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_merged_once BEFORE UPDATE OF merged_into ON members FOR EACH ROW EXECUTE FUNCTION merged_once();

-- A merged record gets no new file and no new claim; the row is locked against a merge at the same moment.
CREATE FUNCTION not_merged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE into_id TEXT;
BEGIN
    SELECT m.merged_into INTO into_id FROM members m WHERE m.id = NEW.member_id FOR UPDATE;
    IF into_id IS NOT NULL THEN RAISE EXCEPTION 'the record is merged' USING ERRCODE = 'unique_violation'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER files_not_merged BEFORE INSERT ON files FOR EACH ROW EXECUTE FUNCTION not_merged();
CREATE TRIGGER claims_not_merged BEFORE INSERT ON illness_claims FOR EACH ROW EXECUTE FUNCTION not_merged();

-- One grant per person and programme year, whichever of the merged records it stands on (rule 62); the record that
-- is kept is locked, so that two grants wait for each other.
CREATE FUNCTION one_grant_merged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept TEXT;
BEGIN
    IF NEW.status = 'approved' AND OLD.status <> 'approved' THEN
        SELECT coalesce(m.merged_into, m.id) INTO kept FROM members m WHERE m.id = NEW.member_id;
        PERFORM 1 FROM members m WHERE m.id = kept FOR UPDATE;
        IF EXISTS (SELECT 1 FROM members other JOIN illness_claims c ON c.member_id = other.id
            WHERE (other.id = kept OR other.merged_into = kept) AND other.id <> NEW.member_id
                AND c.programme_year = NEW.programme_year AND c.status IN ('approved', 'paid') AND c.released_at IS NULL)
        THEN RAISE EXCEPTION 'the person has a grant of this year' USING ERRCODE = 'unique_violation'; END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claims_one_grant_merged BEFORE UPDATE OF status ON illness_claims
    FOR EACH ROW EXECUTE FUNCTION one_grant_merged();
