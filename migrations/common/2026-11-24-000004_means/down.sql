DROP TABLE exclusion_overrides;
DROP TABLE assessments;
DROP TABLE file_means;
DROP TABLE regions;
