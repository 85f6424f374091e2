DROP TABLE borderline_entries;
DROP TABLE temporary_reliefs;
