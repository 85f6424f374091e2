DROP TRIGGER funds_source_same;
DROP TRIGGER budget_lines_same;
DROP TRIGGER payments_purpose_kept;
DROP TRIGGER payments_purpose;
