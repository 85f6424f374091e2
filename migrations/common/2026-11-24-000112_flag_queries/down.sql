DROP INDEX users_person;
DROP INDEX payments_figures;
DROP INDEX files_opened_on;
