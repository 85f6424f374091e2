DROP TRIGGER funds_source_same ON funds;
DROP TRIGGER budget_lines_same ON budget_lines;
DROP FUNCTION purpose_is_kept;
DROP TRIGGER payments_purpose_kept ON payments;
DROP TRIGGER payments_purpose ON payments;
DROP FUNCTION payment_purpose;
