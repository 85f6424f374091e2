-- How often a refused file was reviewed again by other people (rule 35): once at most.
ALTER TABLE files ADD COLUMN reviews INTEGER NOT NULL DEFAULT 0 CHECK (reviews IN (0, 1));
