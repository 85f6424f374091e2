-- Questionnaires of visiting campaigns (rule 57): data, and never changed; other questions are the next version of the
-- name.
CREATE TABLE questionnaires (
    id         TEXT      NOT NULL PRIMARY KEY,
    name       TEXT      NOT NULL,
    version    INTEGER   NOT NULL CHECK (version >= 1),
    valid_from DATE      NOT NULL,
    valid_to   DATE,
    questions  TEXT      NOT NULL,
    created_by TEXT      NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX questionnaires_version ON questionnaires (name, version);

-- Visits of a campaign, each with the answers to a questionnaire, sealed. The unit is the file's, which never changes.
CREATE TABLE campaign_visits (
    id               TEXT      NOT NULL PRIMARY KEY,
    file_id          TEXT      NOT NULL REFERENCES files (id),
    organization_id  TEXT      NOT NULL REFERENCES organizations (id),
    questionnaire_id TEXT      NOT NULL REFERENCES questionnaires (id),
    visited_on       DATE      NOT NULL,
    visitors         TEXT      NOT NULL,
    met              TEXT      NOT NULL,
    answers_sealed   TEXT      NOT NULL,
    recorded_by      TEXT      NOT NULL REFERENCES users (id),
    recorded_at      TIMESTAMP NOT NULL
);
CREATE INDEX campaign_visits_file ON campaign_visits (file_id, id);
CREATE INDEX campaign_visits_questionnaire ON campaign_visits (questionnaire_id, id);
