DROP TABLE file_revisions;
DROP TABLE household_people;
DROP TABLE file_profiles;
DROP TABLE code_values;
