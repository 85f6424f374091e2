DROP TABLE bars;
DROP TABLE recovery_instalments;
DROP TABLE recoveries;
