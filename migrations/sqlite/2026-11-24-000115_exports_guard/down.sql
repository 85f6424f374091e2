DROP TRIGGER exports_no_delete;
DROP TRIGGER exports_keep;
