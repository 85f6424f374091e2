-- Who is known, to be found again in spite of slips and scripts: name and number sealed, keys as digests.
CREATE TABLE known_people (
    id              TEXT NOT NULL PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('member', 'household_person')),
    person          TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    file_id         TEXT,
    facts_sealed    TEXT NOT NULL
);

CREATE TABLE person_keys (
    known_id TEXT NOT NULL REFERENCES known_people (id),
    kind     TEXT NOT NULL,
    key      TEXT NOT NULL,
    PRIMARY KEY (known_id, kind, key)
);
CREATE INDEX person_keys_key ON person_keys (key);

-- Two records that may be of one person, and what was decided of them.
CREATE TABLE duplicate_pairs (
    id          TEXT      NOT NULL PRIMARY KEY,
    first_id    TEXT      NOT NULL REFERENCES known_people (id),
    second_id   TEXT      NOT NULL REFERENCES known_people (id),
    score       INTEGER   NOT NULL CHECK (score BETWEEN 0 AND 100),
    reasons     TEXT      NOT NULL,
    status      TEXT      NOT NULL CHECK (status IN ('open', 'same', 'not_same')),
    found_at    TIMESTAMP NOT NULL,
    decided_by  TEXT      REFERENCES users (id),
    decided_at             TIMESTAMP,
    version     INTEGER   NOT NULL,
    CHECK (first_id < second_id),
    CHECK ((status = 'open') = (decided_by IS NULL)),
    UNIQUE (first_id, second_id)
);
CREATE INDEX duplicate_pairs_status ON duplicate_pairs (status, id);

-- The units that hold the two records of a pair, for lists by scope.
CREATE TABLE duplicate_sides (
    pair_id         TEXT NOT NULL REFERENCES duplicate_pairs (id),
    known_id        TEXT NOT NULL REFERENCES known_people (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    PRIMARY KEY (pair_id, known_id)
);
CREATE INDEX duplicate_sides_known ON duplicate_sides (known_id);
CREATE INDEX duplicate_sides_organization ON duplicate_sides (organization_id, pair_id);

-- A record that turned out to be of a person who is registered elsewhere: it stays, and points there.
ALTER TABLE members ADD COLUMN merged_into TEXT REFERENCES members (id);
CREATE INDEX members_merged ON members (merged_into) WHERE merged_into IS NOT NULL;

INSERT INTO policies (id, kind, valid_from, valid_to, region_code, rules, status, created_by, approved_by, approved_at, version) VALUES
('00000000-0000-7000-8000-000000000009', 'duplicates', '2000-01-01', NULL, NULL,
 '{"likely_from":60,"possible_from":25}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1);
