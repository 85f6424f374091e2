-- Parts of the log that were moved to files (rule 83): packs that a verifier checks together with the rest. A part ends where
-- the kept nodes of the tree cover all before it, so that later events can still be proved.
CREATE TABLE audit_segments (
    to_seq        BIGINT    NOT NULL PRIMARY KEY,
    from_seq      BIGINT    NOT NULL UNIQUE,
    manifest_hash TEXT      NOT NULL,
    retired_at    TIMESTAMP NOT NULL,
    CHECK (from_seq > 0 AND from_seq <= to_seq AND to_seq % 256 = 0)
);
