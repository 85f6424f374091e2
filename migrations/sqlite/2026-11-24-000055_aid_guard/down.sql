DROP TRIGGER payments_reviewed;
DROP TRIGGER payments_on_file;
DROP TRIGGER batch_lines_on_file;
DROP TRIGGER payments_level;
DROP TRIGGER aid_after_file;
