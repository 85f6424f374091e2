-- What is claimed back of a payment (rule 78): one recovery at a time. `repaid_fen` is the sum of the instalments, kept by a
-- trigger and by nothing else. What does not come in is written off by two people, who are digests as well as accounts,
-- for one person may have two accounts.
CREATE TABLE recoveries (
    id               TEXT      NOT NULL PRIMARY KEY,
    number           TEXT      NOT NULL UNIQUE,
    payment_id       TEXT      NOT NULL REFERENCES payments (id),
    organization_id  TEXT      NOT NULL REFERENCES organizations (id),
    reason_code      TEXT      NOT NULL CHECK (reason_code IN ('false_information', 'overpaid', 'ineligible', 'other')),
    comment_sealed   TEXT      NOT NULL,
    amount_fen       BIGINT    NOT NULL CHECK (amount_fen > 0),
    repaid_fen       BIGINT    NOT NULL,
    status           TEXT      NOT NULL CHECK (status IN ('open', 'repaid', 'written_off', 'withdrawn')),
    claimed_by       TEXT      NOT NULL REFERENCES users (id),
    claimed_on       DATE      NOT NULL,
    proposed_by      TEXT,
    proposer_person  TEXT,
    confirmed_by     TEXT,
    confirmer_person TEXT,
    closed_on        DATE,
    version          INTEGER   NOT NULL,
    updated_at       TIMESTAMP NOT NULL,
    FOREIGN KEY (proposed_by, proposer_person) REFERENCES users (id, person),
    FOREIGN KEY (confirmed_by, confirmer_person) REFERENCES users (id, person),
    CHECK (repaid_fen >= 0 AND repaid_fen <= amount_fen),
    CHECK (status <> 'repaid' OR repaid_fen = amount_fen),
    CHECK (status <> 'withdrawn' OR repaid_fen = 0),
    CHECK (confirmer_person <> proposer_person),
    CHECK ((proposed_by IS NULL) = (proposer_person IS NULL) AND (confirmed_by IS NULL) = (confirmer_person IS NULL)),
    CHECK ((status = 'written_off') = (confirmer_person IS NOT NULL)),
    CHECK (confirmer_person IS NULL OR proposer_person IS NOT NULL),
    CHECK ((status = 'open') = (closed_on IS NULL))
);
CREATE UNIQUE INDEX recoveries_one_open ON recoveries (payment_id) WHERE status = 'open';
CREATE INDEX recoveries_payment ON recoveries (payment_id, id);
CREATE INDEX recoveries_unit ON recoveries (organization_id, id);
CREATE INDEX recoveries_status ON recoveries (status, id);

-- What came in. A booking that was wrong is undone by one that names it and has its amount, once.
CREATE TABLE recovery_instalments (
    id          TEXT      NOT NULL PRIMARY KEY,
    recovery_id TEXT      NOT NULL REFERENCES recoveries (id),
    received_on DATE      NOT NULL,
    amount_fen  BIGINT    NOT NULL CHECK (amount_fen > 0),
    reference   TEXT      NOT NULL,
    reverses_id TEXT      UNIQUE,
    movement_id TEXT      UNIQUE REFERENCES book_movements (id),
    booked_by   TEXT      NOT NULL REFERENCES users (id),
    booked_at   TIMESTAMP NOT NULL,
    UNIQUE (id, recovery_id, amount_fen),
    FOREIGN KEY (reverses_id, recovery_id, amount_fen) REFERENCES recovery_instalments (id, recovery_id, amount_fen)
);
CREATE INDEX recovery_instalments_recovery ON recovery_instalments (recovery_id, id);

-- Who gets nothing new, because of which recovery, and until when (rule 78). By person, wherever the person is looked after.
CREATE TABLE bars (
    id          TEXT NOT NULL PRIMARY KEY,
    person      TEXT NOT NULL,
    recovery_id TEXT NOT NULL UNIQUE REFERENCES recoveries (id),
    from_on     DATE NOT NULL,
    free_from   DATE,
    CHECK (free_from >= from_on)
);
CREATE INDEX bars_person ON bars (person);
