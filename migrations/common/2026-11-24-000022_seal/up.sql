-- Who opened the papers of a sealed file on which day (rule 46); why is in the log.
CREATE TABLE file_openings (
    file_id   TEXT NOT NULL REFERENCES files (id),
    user_id   TEXT NOT NULL REFERENCES users (id),
    opened_on DATE NOT NULL,
    PRIMARY KEY (file_id, user_id, opened_on)
);
