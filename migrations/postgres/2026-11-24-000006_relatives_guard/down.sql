DROP TRIGGER case_parts_no_relative ON case_parts;
DROP FUNCTION no_relative;
