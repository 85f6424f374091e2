DROP TRIGGER exports_no_delete ON exports;
DROP TRIGGER exports_keep ON exports;
