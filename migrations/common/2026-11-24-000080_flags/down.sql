DROP INDEX known_people_person;
DROP INDEX aid_applications_limit;
DROP INDEX payments_person;
DROP INDEX payments_approved_on;
DELETE FROM policies WHERE kind = 'flags';
