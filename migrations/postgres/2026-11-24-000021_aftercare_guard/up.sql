-- A call that was recorded stays as it was (rule 44).
CREATE TRIGGER follow_ups_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON follow_ups
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a call stays');
-- Files that were closed before there were calls get the usual plan.
INSERT INTO file_follow_up_plans (file_id, months, next_on, last_outcome)
SELECT f.id, '[3,6,12]', CASE WHEN NOT EXISTS (
    SELECT 1 FROM files n WHERE n.number = f.number AND n.former_id = f.id AND n.status NOT IN ('rejected', 'withdrawn'))
    THEN CAST(f.closed_on + INTERVAL '3 months' AS DATE) END, NULL
FROM files f WHERE f.status IN ('exited', 'relieved');
