-- Temporary relief (rule 49): somebody helped once, without a file. It ends by becoming a file or by being cancelled; a
-- member has one that is open at most. The situation is sealed.
CREATE TABLE temporary_reliefs (
    id               TEXT      NOT NULL PRIMARY KEY,
    member_id        TEXT      NOT NULL REFERENCES members (id),
    person           TEXT      NOT NULL,
    organization_id  TEXT      NOT NULL REFERENCES organizations (id),
    status           TEXT      NOT NULL,
    cause            TEXT      NOT NULL,
    happened_on      DATE      NOT NULL,
    amount_fen       BIGINT    CHECK (amount_fen >= 1),
    situation_sealed TEXT      NOT NULL,
    file_id          TEXT      REFERENCES files (id),
    cancel_reason    TEXT,
    recorded_by      TEXT      NOT NULL REFERENCES users (id),
    recorded_at      TIMESTAMP NOT NULL,
    ended_by         TEXT      REFERENCES users (id),
    ended_at         TIMESTAMP,
    version          INTEGER   NOT NULL,
    CHECK ((status = 'open') = (ended_at IS NULL)),
    CHECK ((status = 'converted') = (file_id IS NOT NULL)),
    CHECK ((status = 'cancelled') = (cancel_reason IS NOT NULL))
);
CREATE UNIQUE INDEX temporary_reliefs_one_open ON temporary_reliefs (member_id) WHERE status = 'open';
CREATE INDEX temporary_reliefs_organization ON temporary_reliefs (organization_id, id);
CREATE INDEX temporary_reliefs_file ON temporary_reliefs (file_id) WHERE file_id IS NOT NULL;
CREATE INDEX temporary_reliefs_status ON temporary_reliefs (status, id);

-- The borderline register (rule 22): applicants who narrowly missed a file, kept in view. A member stands in it once at a
-- time. What was said and the household's figure are sealed.
CREATE TABLE borderline_entries (
    id                 TEXT      NOT NULL PRIMARY KEY,
    member_id          TEXT      NOT NULL REFERENCES members (id),
    person             TEXT      NOT NULL,
    organization_id    TEXT      NOT NULL REFERENCES organizations (id),
    assessment_file_id TEXT      REFERENCES files (id),
    sealed             TEXT      NOT NULL,
    recorded_by        TEXT      NOT NULL REFERENCES users (id),
    recorded_at        TIMESTAMP NOT NULL,
    removed_reason     TEXT,
    comment_sealed     TEXT,
    removed_by         TEXT      REFERENCES users (id),
    removed_at         TIMESTAMP,
    version            INTEGER   NOT NULL,
    CHECK ((removed_at IS NULL) = (removed_reason IS NULL))
);
CREATE UNIQUE INDEX borderline_entries_one_current ON borderline_entries (member_id) WHERE removed_at IS NULL;
CREATE INDEX borderline_entries_organization ON borderline_entries (organization_id, id);
CREATE INDEX borderline_entries_file ON borderline_entries (assessment_file_id) WHERE assessment_file_id IS NOT NULL;
