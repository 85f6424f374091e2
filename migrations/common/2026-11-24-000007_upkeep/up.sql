-- The yearly review of every file on file (rule 36): one a year; what was said is sealed.
CREATE TABLE file_reviews (
    file_id     TEXT    NOT NULL REFERENCES files (id),
    year        INTEGER NOT NULL,
    reviewed_on DATE    NOT NULL,
    reviewed_by TEXT    NOT NULL REFERENCES users (id),
    result      TEXT    NOT NULL,
    note_sealed TEXT,
    PRIMARY KEY (file_id, year)
);

-- Spot checks (rule 37): the sample follows from the seed and the list of files, so anybody can draw it again.
CREATE TABLE spot_checks (
    id              TEXT      NOT NULL PRIMARY KEY,
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    year            INTEGER   NOT NULL,
    seed            TEXT      NOT NULL,
    percent         INTEGER   NOT NULL CHECK (percent BETWEEN 1 AND 100),
    population      TEXT      NOT NULL,
    sample          TEXT      NOT NULL,
    drawn_at        TIMESTAMP NOT NULL,
    drawn_by        TEXT      NOT NULL REFERENCES users (id)
);
CREATE INDEX spot_checks_organization ON spot_checks (organization_id, id);
