-- No step is skipped (rules 25 to 32): no file comes on file before its visit, its check and the end of its notice, or
-- with an open objection. (A trigger's WHEN takes no subquery here, so the condition stands in the function.)
CREATE FUNCTION procedure_whole() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.status = 'on_file' AND OLD.status = 'submitted' AND (
    OLD.stage IS NULL OR OLD.stage <> 'city_approval'
    OR (OLD.steps LIKE '%public_notice%' AND NOT EXISTS (
        SELECT 1 FROM public_notices n WHERE n.file_id = NEW.id AND n.round = NEW.round AND n.until_on < NEW.opened_on))
    OR (OLD.steps LIKE '%home_visit%' AND NOT EXISTS (
        SELECT 1 FROM file_steps s WHERE s.file_id = NEW.id AND s.round = NEW.round AND s.stage = 'home_visit'))
    OR (OLD.steps LIKE '%economic_check%' AND NOT EXISTS (
        SELECT 1 FROM file_steps s WHERE s.file_id = NEW.id AND s.round = NEW.round AND s.stage = 'economic_check'))
    OR EXISTS (SELECT 1 FROM objections o WHERE o.file_id = NEW.id AND o.round = NEW.round AND o.outcome IS NULL))
    THEN RAISE EXCEPTION 'the procedure is not complete'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER files_procedure_whole BEFORE UPDATE OF status ON files FOR EACH ROW EXECUTE FUNCTION procedure_whole();
CREATE TRIGGER file_steps_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON file_steps
FOR EACH STATEMENT EXECUTE FUNCTION refuse('what was done stays');
