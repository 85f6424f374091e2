DROP TABLE duplicate_sides;
