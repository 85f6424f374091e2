DROP INDEX users_person;
DROP INDEX payments_figures;
DROP INDEX files_opened_on;
DELETE FROM policies WHERE id = '00000000-0000-7000-8000-000000000112';
