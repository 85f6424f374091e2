-- Another account for a payment (rule 75): proposed by one, confirmed by another, one at a time. The persons are digests,
-- for one person may have two accounts.
CREATE TABLE account_changes (
    id              TEXT      NOT NULL PRIMARY KEY,
    payment_id      TEXT      NOT NULL REFERENCES payments (id),
    account_sealed  TEXT      NOT NULL,
    status          TEXT      NOT NULL CHECK (status IN ('proposed', 'confirmed', 'refused')),
    proposed_by     TEXT      NOT NULL,
    proposer_person TEXT      NOT NULL,
    proposed_at     TIMESTAMP NOT NULL,
    decided_by      TEXT,
    decider_person  TEXT,
    decided_at      TIMESTAMP,
    version         INTEGER   NOT NULL,
    FOREIGN KEY (proposed_by, proposer_person) REFERENCES users (id, person),
    FOREIGN KEY (decided_by, decider_person) REFERENCES users (id, person),
    CHECK (decider_person <> proposer_person),
    CHECK ((status = 'proposed') = (decider_person IS NULL)),
    CHECK ((decided_by IS NULL) = (decider_person IS NULL) AND (decided_at IS NULL) = (decider_person IS NULL))
);
CREATE UNIQUE INDEX account_changes_one_open ON account_changes (payment_id) WHERE status = 'proposed';
CREATE INDEX account_changes_payment ON account_changes (payment_id, id);
