DROP TRIGGER insurance_plans_same ON insurance_plans;
DROP TRIGGER insurance_lists_once ON insurance_lists;
DROP TRIGGER enrolments_same ON enrolments;
DROP TRIGGER enrolments_kept ON enrolments;
DROP TRIGGER enrolments_frozen ON enrolments;
DROP TRIGGER enrolments_overlap ON enrolments;
DROP FUNCTION enrolment_frozen;
DROP FUNCTION enrolment_overlap;
