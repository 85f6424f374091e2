DROP TABLE file_exits;
DROP TABLE relatives;
