-- Calls after a household left hardship or was relieved (rule 44). What was said is sealed.
CREATE TABLE follow_ups (
    id           TEXT      NOT NULL PRIMARY KEY,
    file_id      TEXT      NOT NULL REFERENCES files (id),
    called_on    DATE      NOT NULL,
    reached      TEXT      NOT NULL,
    outcome      TEXT,
    notes_sealed TEXT,
    recorded_by  TEXT      NOT NULL REFERENCES users (id),
    recorded_at  TIMESTAMP NOT NULL,
    CHECK ((reached = 'nobody') = (outcome IS NULL))
);
CREATE INDEX follow_ups_file ON follow_ups (file_id, id);

-- When the household of a closed file is to be called: the months after its end, by the policy of the day on which it
-- was closed. What follows from them, from the calls and from a re-opening is kept beside: the next day that is still
-- open (none when all are done or the file was re-opened), and the last outcome.
CREATE TABLE file_follow_up_plans (
    file_id      TEXT NOT NULL PRIMARY KEY REFERENCES files (id),
    months       TEXT NOT NULL,
    next_on      DATE,
    last_outcome TEXT
);
CREATE INDEX file_follow_up_plans_next ON file_follow_up_plans (next_on, file_id) WHERE next_on IS NOT NULL;

-- The rate of files resolved since a day (rules 41, 42), and what is kept longer than it must be (rule 46).
CREATE INDEX files_opened ON files (opened_on, closed_on, status, organization_id) WHERE opened_on IS NOT NULL;
CREATE INDEX files_closed ON files (closed_on, id) WHERE closed_on IS NOT NULL;

-- Who looked into a file from outside (rule 47): the person at once, an outside body when another person than the
-- recorder has granted it. Who it was, what was shown and why is sealed.
CREATE TABLE file_inspections (
    id              TEXT      NOT NULL PRIMARY KEY,
    file_id         TEXT      NOT NULL REFERENCES files (id),
    inspector       TEXT      NOT NULL,
    status          TEXT      NOT NULL,
    sealed          TEXT      NOT NULL,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_by     TEXT      NOT NULL,
    recorder_person TEXT      NOT NULL,
    decided_at      TIMESTAMP,
    decided_by      TEXT,
    decider_person  TEXT,
    version         INTEGER   NOT NULL,
    FOREIGN KEY (recorded_by, recorder_person) REFERENCES users (id, person),
    FOREIGN KEY (decided_by, decider_person) REFERENCES users (id, person),
    CHECK (decider_person <> recorder_person),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (decider_person IS NULL)),
    CHECK (CASE inspector WHEN 'person' THEN status = 'granted' AND decided_by IS NULL
        ELSE (status = 'requested') = (decided_by IS NULL) END)
);
CREATE INDEX file_inspections_file ON file_inspections (file_id, id);
