-- Files on their way to another union (rule 48): one way at a time, accepted by another person than who sends it.
CREATE TABLE file_transfers (
    id                   TEXT      NOT NULL PRIMARY KEY,
    file_id              TEXT      NOT NULL REFERENCES files (id),
    from_organization_id TEXT      NOT NULL REFERENCES organizations (id),
    organization_id      TEXT      NOT NULL REFERENCES organizations (id),
    reason_code          TEXT      NOT NULL,
    comment_sealed       TEXT,
    status               TEXT      NOT NULL CHECK (status IN ('pending', 'accepted', 'declined', 'cancelled')),
    handed_over          TEXT,
    requested_at         TIMESTAMP NOT NULL,
    requested_by         TEXT      NOT NULL,
    requester_person     TEXT      NOT NULL,
    decided_at           TIMESTAMP,
    decided_by           TEXT,
    decider_person       TEXT,
    version              INTEGER   NOT NULL,
    FOREIGN KEY (requested_by, requester_person) REFERENCES users (id, person),
    FOREIGN KEY (decided_by, decider_person) REFERENCES users (id, person),
    CHECK (from_organization_id <> organization_id),
    CHECK (status = 'cancelled' OR decider_person <> requester_person),
    CHECK ((status = 'pending') = (decided_by IS NULL)),
    CHECK ((status = 'accepted') = (handed_over IS NOT NULL))
);
CREATE UNIQUE INDEX file_transfers_one_pending ON file_transfers (file_id) WHERE status = 'pending';
CREATE INDEX file_transfers_status ON file_transfers (status, id);
CREATE INDEX file_transfers_file ON file_transfers (file_id);
CREATE INDEX file_transfers_to ON file_transfers (organization_id, id);
CREATE INDEX file_transfers_from ON file_transfers (from_organization_id, id);
