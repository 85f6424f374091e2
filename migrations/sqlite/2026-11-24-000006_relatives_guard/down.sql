DROP TRIGGER case_parts_no_relative;
