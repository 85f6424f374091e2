-- Who looks after the households of an absent contact, until a last day (rules 48, 50).
CREATE TABLE stand_ins (
    id              TEXT      NOT NULL PRIMARY KEY,
    contact_id      TEXT      NOT NULL REFERENCES users (id),
    stand_in_id     TEXT      NOT NULL REFERENCES users (id),
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    from_on         DATE      NOT NULL,
    until_on        DATE      NOT NULL,
    ended_at        TIMESTAMP,
    set_by          TEXT      NOT NULL REFERENCES users (id),
    version         INTEGER   NOT NULL,
    CHECK (contact_id <> stand_in_id),
    CHECK (from_on <= until_on)
);
CREATE INDEX stand_ins_contact ON stand_ins (contact_id);
CREATE INDEX stand_ins_stand_in ON stand_ins (stand_in_id);
CREATE INDEX stand_ins_organization ON stand_ins (organization_id, id);
