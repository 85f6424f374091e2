-- Papers of a case: the content once, sealed, found by a keyed hash of it; each attachment points there until it is
-- voided, and belongs to one case (see 000070).
CREATE TABLE attachment_contents (
    address TEXT NOT NULL PRIMARY KEY,
    sealed  TEXT NOT NULL
);

CREATE TABLE attachments (
    id          TEXT      NOT NULL PRIMARY KEY,
    file_id     TEXT      REFERENCES files (id),
    claim_id    TEXT      REFERENCES illness_claims (id),
    aid_id      TEXT      REFERENCES aid_applications (id),
    kind        TEXT      NOT NULL,
    media_type  TEXT      NOT NULL,
    size_bytes  INTEGER   NOT NULL CHECK (size_bytes > 0),
    address     TEXT      REFERENCES attachment_contents (address),
    attached_by TEXT      NOT NULL REFERENCES users (id),
    attached_at TIMESTAMP NOT NULL,
    voided_at   TIMESTAMP,
    version     INTEGER   NOT NULL,
    CHECK ((address IS NULL) = (voided_at IS NOT NULL))
);
CREATE INDEX attachments_file ON attachments (file_id, id);
CREATE INDEX attachments_claim ON attachments (claim_id, id);
CREATE INDEX attachments_aid ON attachments (aid_id, id);
CREATE INDEX attachments_address ON attachments (address);
