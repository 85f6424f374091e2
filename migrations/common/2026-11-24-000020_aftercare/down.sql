DROP TABLE file_inspections;
DROP INDEX files_closed;
DROP INDEX files_opened;
DROP TABLE file_follow_up_plans;
DROP TABLE follow_ups;
