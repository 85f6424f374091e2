-- What bars a file bars its approval, until the city sets it aside (rule 19).
CREATE FUNCTION not_excluded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.status = 'on_file' AND OLD.status = 'submitted' AND EXISTS (
    SELECT 1 FROM assessments a WHERE a.file_id = NEW.id AND a.excluded
        AND a.id = (SELECT max(b.id) FROM assessments b WHERE b.file_id = NEW.id))
    AND NOT EXISTS (SELECT 1 FROM exclusion_overrides o WHERE o.file_id = NEW.id AND o.round = NEW.round)
    THEN RAISE EXCEPTION 'something bars the file'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER files_not_excluded BEFORE UPDATE OF status ON files FOR EACH ROW EXECUTE FUNCTION not_excluded();
