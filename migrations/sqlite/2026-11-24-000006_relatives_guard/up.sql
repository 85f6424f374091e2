-- Nobody takes a part on a relative's case (rule 6).
CREATE TRIGGER case_parts_no_relative BEFORE INSERT ON case_parts
WHEN EXISTS (SELECT 1 FROM relatives r WHERE r.user_person = NEW.user_person AND r.person = NEW.subject_person)
BEGIN SELECT RAISE(ABORT, 'nobody acts on a relative''s case'); END;
