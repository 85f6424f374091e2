DROP TABLE spot_checks;
DROP TABLE file_reviews;
