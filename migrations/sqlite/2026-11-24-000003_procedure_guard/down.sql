DROP TRIGGER files_procedure_whole;
DROP TRIGGER file_steps_no_update;
DROP TRIGGER file_steps_no_delete;
