-- Who has agreed to what, by which text, and until when (rule 88).
CREATE TABLE consents (
    id            TEXT      NOT NULL PRIMARY KEY,
    file_id       TEXT      NOT NULL REFERENCES files (id),
    person_id     TEXT      NOT NULL REFERENCES household_people (id),
    purpose       TEXT      NOT NULL,
    text_version  TEXT      NOT NULL,
    given_on      DATE      NOT NULL,
    guardian_id   TEXT      REFERENCES household_people (id),
    attachment_id TEXT      REFERENCES attachments (id),
    withdrawn_on  DATE,
    recorded_by   TEXT      NOT NULL REFERENCES users (id),
    recorded_at   TIMESTAMP NOT NULL,
    version       INTEGER   NOT NULL,
    CHECK (guardian_id <> person_id),
    CHECK (withdrawn_on >= given_on)
);
CREATE UNIQUE INDEX consents_one_live ON consents (person_id, purpose) WHERE withdrawn_on IS NULL;
CREATE INDEX consents_file ON consents (file_id, id);
