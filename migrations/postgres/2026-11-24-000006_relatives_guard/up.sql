-- Nobody takes a part on a relative's case (rule 6).
CREATE FUNCTION no_relative() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM relatives r WHERE r.user_person = NEW.user_person AND r.person = NEW.subject_person)
    THEN RAISE EXCEPTION 'nobody acts on a relative''s case'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER case_parts_no_relative BEFORE INSERT ON case_parts FOR EACH ROW EXECUTE FUNCTION no_relative();
