-- What an audit found. `said_sealed` is what was found and demanded, `answer_sealed` the last answer: both are case data. Who
-- recorded, answered and closed a finding are three people, who are digests as well as accounts, for one person may have
-- had two accounts. An answer that is not taken is cleared: its words stay with the event.
CREATE TABLE audit_findings (
    id                      TEXT      NOT NULL PRIMARY KEY,
    task_id                 TEXT      NOT NULL,
    audited_organization_id TEXT      NOT NULL,
    severity                TEXT      NOT NULL CHECK (severity IN ('minor', 'major', 'critical')),
    subject_type            TEXT,
    subject_id              TEXT,
    said_sealed             TEXT      NOT NULL,
    answer_sealed           TEXT,
    rectify_by              DATE      NOT NULL,
    status                  TEXT      NOT NULL CHECK (status IN ('open', 'answered', 'closed')),
    recorded_at             TIMESTAMP NOT NULL,
    recorded_by             TEXT      NOT NULL,
    recorder_person         TEXT      NOT NULL,
    answered_at             TIMESTAMP,
    answered_by             TEXT,
    answerer_person         TEXT,
    closed_at               TIMESTAMP,
    closed_by               TEXT,
    closer_person           TEXT,
    version                 INTEGER   NOT NULL,
    FOREIGN KEY (task_id, audited_organization_id) REFERENCES audit_tasks (id, audited_organization_id),
    FOREIGN KEY (recorded_by, recorder_person) REFERENCES users (id, person),
    FOREIGN KEY (answered_by, answerer_person) REFERENCES users (id, person),
    FOREIGN KEY (closed_by, closer_person) REFERENCES users (id, person),
    CHECK ((subject_type IS NULL) = (subject_id IS NULL)),
    CHECK (answerer_person <> recorder_person AND closer_person <> recorder_person),
    CHECK (closer_person <> answerer_person),
    CHECK ((status = 'open') = (answered_at IS NULL) AND (answered_at IS NULL) = (answer_sealed IS NULL)
        AND (answered_at IS NULL) = (answered_by IS NULL) AND (answered_by IS NULL) = (answerer_person IS NULL)),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (closed_by IS NULL)
        AND (closed_by IS NULL) = (closer_person IS NULL))
);
CREATE INDEX audit_findings_task ON audit_findings (task_id, id);
CREATE INDEX audit_findings_unit ON audit_findings (audited_organization_id, id);
