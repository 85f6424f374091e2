DROP INDEX files_paper;
ALTER TABLE files DROP COLUMN paper_due_on;
