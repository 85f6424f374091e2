-- What the standing queries found, kept (rule 82): nothing that was found once disappears. A flag is known by its query and
-- by what it is about; of a unit's figures there is one for each kind of aid and year, in `part`.
CREATE TABLE audit_flag_runs (
    id              TEXT      NOT NULL PRIMARY KEY,
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    cause           TEXT      NOT NULL CHECK (cause IN ('nightly', 'on_demand')),
    started_by      TEXT      REFERENCES users (id),
    started_at      TIMESTAMP NOT NULL,
    finished_at     TIMESTAMP,
    from_on         DATE      NOT NULL,
    to_on           DATE      NOT NULL,
    status          TEXT      NOT NULL CHECK (status IN ('running', 'done', 'incomplete', 'broken_off')),
    found           BIGINT    NOT NULL,
    opened          BIGINT    NOT NULL,
    came_back       BIGINT    NOT NULL,
    changed         BIGINT    NOT NULL,
    gone            BIGINT    NOT NULL,
    failed          TEXT      NOT NULL,
    CHECK ((status = 'running') = (finished_at IS NULL)),
    CHECK (status <> 'done' OR failed = '[]'),
    CHECK (cause <> 'on_demand' OR started_by IS NOT NULL)
);
CREATE INDEX audit_flag_runs_unit ON audit_flag_runs (organization_id, id);
CREATE INDEX audit_flag_runs_running ON audit_flag_runs (id) WHERE status = 'running';

CREATE TABLE audit_flags (
    id              TEXT      NOT NULL PRIMARY KEY,
    code            TEXT      NOT NULL,
    severity        TEXT      NOT NULL CHECK (severity IN ('hint', 'suspicion', 'breach')),
    subject_type    TEXT      NOT NULL CHECK (subject_type IN ('payment', 'file', 'organization')),
    subject_id      TEXT      NOT NULL,
    part            TEXT      NOT NULL,
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    on_day          DATE      NOT NULL,
    amount_fen      BIGINT,
    evidence        TEXT      NOT NULL,
    status          TEXT      NOT NULL CHECK (status IN ('open', 'dismissed', 'gone')),
    opened_because  TEXT      NOT NULL CHECK (opened_because IN ('found', 'found_again', 'evidence_changed', 'reopened')),
    first_found_on  DATE      NOT NULL,
    last_found_on   DATE      NOT NULL,
    gone_on         DATE,
    dismissed_by    TEXT      REFERENCES users (id),
    dismissed_at    TIMESTAMP,
    dismissal_code  TEXT,
    run_id          TEXT      NOT NULL REFERENCES audit_flag_runs (id),
    version         INTEGER   NOT NULL,
    updated_at      TIMESTAMP NOT NULL,
    UNIQUE (code, subject_type, subject_id, part),
    CHECK ((status = 'gone') = (gone_on IS NOT NULL)),
    CHECK ((dismissed_by IS NULL) = (dismissed_at IS NULL) AND (dismissed_by IS NULL) = (dismissal_code IS NULL)),
    CHECK (status <> 'dismissed' OR dismissed_by IS NOT NULL),
    CHECK (status <> 'open' OR dismissed_by IS NULL)
);
CREATE INDEX audit_flags_unit ON audit_flags (organization_id, on_day, id);
CREATE INDEX audit_flags_status ON audit_flags (status, on_day, id);
CREATE INDEX audit_flags_severity ON audit_flags (severity, on_day, id);
CREATE INDEX audit_flags_day ON audit_flags (on_day, id);
CREATE INDEX audit_flags_time ON audit_flags (code, on_day, id);

-- Whose turn it is to run the queries: one run at a time in the whole installation, and one a night, however many copies of
-- the service there are. A turn that is not prolonged ends by itself.
CREATE TABLE audit_flag_turn (
    id         INTEGER   NOT NULL PRIMARY KEY CHECK (id = 1),
    run_id     TEXT,
    until_at   TIMESTAMP NOT NULL,
    nightly_on DATE      NOT NULL
);
INSERT INTO audit_flag_turn (id, run_id, until_at, nightly_on) VALUES (1, NULL, '2000-01-01 00:00:00', '2000-01-01');
