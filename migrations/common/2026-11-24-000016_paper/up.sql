-- Until when the paper file must say what this one says; empty while it does (rule 38).
ALTER TABLE files ADD COLUMN paper_due_on DATE;
CREATE INDEX files_paper ON files (paper_due_on, id) WHERE paper_due_on IS NOT NULL;
