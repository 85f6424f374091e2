-- Who is let in as a guest auditor (特邀审计员), to the unit of one task, from a day to a day. An account has one
-- invitation at a time; one that has run out is ended when the next is given.
CREATE TABLE audit_guests (
    id         TEXT      NOT NULL PRIMARY KEY,
    task_id    TEXT      NOT NULL REFERENCES audit_tasks (id),
    user_id    TEXT      NOT NULL REFERENCES users (id),
    from_on    DATE      NOT NULL,
    until_on   DATE      NOT NULL,
    granted_by TEXT      NOT NULL REFERENCES users (id),
    granted_at TIMESTAMP NOT NULL,
    ended_at   TIMESTAMP,
    ended_by   TEXT      REFERENCES users (id),
    version    INTEGER   NOT NULL,
    CHECK (until_on >= from_on),
    CHECK (granted_by <> user_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX audit_guests_one_open ON audit_guests (user_id) WHERE ended_at IS NULL;
CREATE INDEX audit_guests_task ON audit_guests (task_id, id);
