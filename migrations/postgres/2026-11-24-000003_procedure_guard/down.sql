DROP TRIGGER file_steps_append_only ON file_steps;
DROP TRIGGER files_procedure_whole ON files;
DROP FUNCTION procedure_whole;
