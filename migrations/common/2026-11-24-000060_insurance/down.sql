DROP INDEX book_movements_insurance;
ALTER TABLE book_movements DROP COLUMN insurance_list_id;
DROP TABLE insurance_claims;
DROP INDEX household_person;
DROP TABLE enrolments;
DROP TABLE insurance_lists;
DROP TABLE insurance_plans;
