-- Whom an event concerns, by the keyed digest of the ID number: "who saw or changed this person" is one read along the key,
-- however long the log is. The log itself holds ids; this stands beside it, so that a person can be found and forgotten.
CREATE TABLE event_people (
    person   TEXT      NOT NULL,
    at       TIMESTAMP NOT NULL,
    event_id TEXT      NOT NULL,
    PRIMARY KEY (person, at, event_id)
);
CREATE INDEX event_people_event ON event_people (event_id);

-- Events that changed nothing, by who looked and how: seen, exported, printed, searched, audited, signed_in. They are few
-- among the changes, so "what did this user export" has a path of its own.
CREATE TABLE event_looks (
    actor_id TEXT      NOT NULL,
    look     TEXT      NOT NULL,
    at       TIMESTAMP NOT NULL,
    event_id TEXT      NOT NULL,
    PRIMARY KEY (actor_id, look, at, event_id)
);
CREATE INDEX audit_events_actor_at ON audit_events (actor_id, at, id);
