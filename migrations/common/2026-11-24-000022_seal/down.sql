DROP TABLE file_openings;
