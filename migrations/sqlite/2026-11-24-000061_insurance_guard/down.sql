DROP TRIGGER insurance_plans_kept;
DROP TRIGGER insurance_plans_same;
DROP TRIGGER insurance_lists_once;
DROP TRIGGER enrolments_same;
DROP TRIGGER enrolments_kept;
DROP TRIGGER enrolments_frozen;
DROP TRIGGER enrolments_overlap;
