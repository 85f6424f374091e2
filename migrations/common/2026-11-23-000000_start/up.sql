-- The whole schema but for what the two databases spell differently (triggers: see ../../sqlite, ../../postgres).
--
-- Habits: ids are UUIDv7 as text; times are UTC to the microsecond; money is whole fen; enums and small structures
-- are text. There are no defaults: ids and times come from the unit of work. Every `*_sealed` column holds a value
-- encrypted by the keyring; every `person` or `*_hash` column a keyed digest. Rules that protect money, identity or
-- separation of duties stand here as constraints, besides standing in the program.

-- The union tree (rule 1). `path` is the ids from the root down, each followed by a slash: a subtree is one range.
CREATE TABLE organizations (
    id          TEXT      NOT NULL PRIMARY KEY,
    parent_id   TEXT      REFERENCES organizations (id),
    kind        TEXT      NOT NULL,
    name        TEXT      NOT NULL,
    code        TEXT      NOT NULL UNIQUE,
    region_code TEXT,
    status      TEXT      NOT NULL CHECK (status IN ('active', 'closed')),
    path        TEXT      NOT NULL UNIQUE,
    version     INTEGER   NOT NULL,
    CHECK (parent_id <> id)
);
CREATE UNIQUE INDEX organizations_siblings ON organizations (parent_id, name) WHERE status = 'active';
CREATE INDEX organizations_kind ON organizations (kind);

-- Accounts (rule 4). `username_key` folds case, so that a name is never given twice.
CREATE TABLE users (
    id                   TEXT      NOT NULL PRIMARY KEY,
    username             TEXT      NOT NULL,
    username_key         TEXT      NOT NULL UNIQUE,
    name                 TEXT      NOT NULL,
    id_number_sealed     TEXT      NOT NULL,
    person               TEXT      NOT NULL,
    organization_id      TEXT      NOT NULL REFERENCES organizations (id),
    roles                TEXT      NOT NULL,
    scopes               TEXT      NOT NULL,
    disabled             BOOLEAN   NOT NULL,
    must_change_password BOOLEAN   NOT NULL,
    password_hash        TEXT      NOT NULL,
    password_changed_at  TIMESTAMP NOT NULL,
    version              INTEGER   NOT NULL,
    UNIQUE (id, person)
);
CREATE UNIQUE INDEX users_one_per_person ON users (person) WHERE NOT disabled;
CREATE INDEX users_organization ON users (organization_id, id);

-- Failed sign-ins by name, whether or not there is such an account (rule 89).
CREATE TABLE login_attempts (
    name_hash    TEXT      NOT NULL PRIMARY KEY,
    user_id      TEXT      REFERENCES users (id),
    failures     INTEGER   NOT NULL,
    last_at      TIMESTAMP NOT NULL,
    locked_until TIMESTAMP
);
CREATE INDEX login_attempts_user ON login_attempts (user_id);

-- A signed-in device. Ending it ends its access and refresh tokens at once.
CREATE TABLE sessions (
    id           TEXT      NOT NULL PRIMARY KEY,
    user_id      TEXT      NOT NULL REFERENCES users (id),
    created_at   TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    ended_at     TIMESTAMP
);
CREATE INDEX sessions_user ON sessions (user_id) WHERE ended_at IS NULL;

-- Refresh tokens by hash; a used one that comes back ends its session.
CREATE TABLE refresh_tokens (
    token_hash TEXT      NOT NULL PRIMARY KEY,
    session_id TEXT      NOT NULL REFERENCES sessions (id),
    issued_at  TIMESTAMP NOT NULL,
    used_at    TIMESTAMP
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- Keys that sign access tokens; the newest signs, older ones still verify until their tokens have expired.
CREATE TABLE signing_keys (
    kid            TEXT      NOT NULL PRIMARY KEY,
    private_sealed TEXT      NOT NULL,
    public_x       TEXT      NOT NULL,
    created_at     TIMESTAMP NOT NULL
);

-- Dated rules: what a union may change is a row here, never a constant. A row in force is immutable.
CREATE TABLE policies (
    id          TEXT      NOT NULL PRIMARY KEY,
    kind        TEXT      NOT NULL,
    valid_from  DATE      NOT NULL,
    valid_to    DATE,
    region_code TEXT,
    rules       TEXT      NOT NULL,
    status      TEXT      NOT NULL CHECK (status IN ('draft', 'in_force', 'superseded')),
    created_by  TEXT      REFERENCES users (id),
    approved_by TEXT      REFERENCES users (id),
    approved_at TIMESTAMP,
    version     INTEGER   NOT NULL,
    CHECK (valid_to >= valid_from),
    CHECK (approved_by <> created_by),
    CHECK (status = 'draft' OR approved_at IS NOT NULL)
);
CREATE INDEX policies_kind ON policies (kind, valid_from);

-- The real-name register (rules 84, 91): one row per person in the whole service.
CREATE TABLE members (
    id               TEXT      NOT NULL PRIMARY KEY,
    organization_id  TEXT      NOT NULL REFERENCES organizations (id),
    name             TEXT      NOT NULL,
    id_number_sealed TEXT      NOT NULL,
    person           TEXT      NOT NULL UNIQUE,
    phone_sealed     TEXT,
    phone_hash       TEXT,
    sex              TEXT      NOT NULL,
    birth_date       DATE      NOT NULL,
    status           TEXT      NOT NULL,
    joined_on        DATE      NOT NULL,
    group_code       TEXT,
    employer         TEXT,
    recorder_id      TEXT      NOT NULL REFERENCES users (id),
    version          INTEGER   NOT NULL,
    updated_at       TIMESTAMP NOT NULL,
    UNIQUE (id, person)
);
CREATE INDEX members_organization ON members (organization_id, id);
CREATE INDEX members_name ON members (name, id);
CREATE INDEX members_phone ON members (phone_hash);
CREATE INDEX members_group ON members (group_code, id);
CREATE INDEX members_status ON members (status, id);

-- What a member was from which day on; the status of a day is the latest row not after it.
CREATE TABLE member_statuses (
    id           TEXT      NOT NULL PRIMARY KEY,
    member_id    TEXT      NOT NULL REFERENCES members (id),
    status       TEXT      NOT NULL,
    effective_on DATE      NOT NULL,
    recorded_by  TEXT      NOT NULL REFERENCES users (id),
    recorded_at  TIMESTAMP NOT NULL
);
CREATE INDEX member_statuses_member ON member_statuses (member_id, effective_on, id);

-- From which unit to which a member went, and from which day on.
CREATE TABLE member_transfers (
    id                   TEXT      NOT NULL PRIMARY KEY,
    member_id            TEXT      NOT NULL REFERENCES members (id),
    from_organization_id TEXT      NOT NULL REFERENCES organizations (id),
    organization_id      TEXT      NOT NULL REFERENCES organizations (id),
    effective_on         DATE      NOT NULL,
    recorded_by          TEXT      NOT NULL REFERENCES users (id),
    recorded_at          TIMESTAMP NOT NULL
);
CREATE INDEX member_transfers_member ON member_transfers (member_id, effective_on, id);

-- Who holds which part on a case (rule 6): one person, one part. `round` counts reviews: a person who judged
-- before a review can't judge after it. The two digests keep everybody away from a case of their own. Files, claims and
-- payments refer to it, so that nobody has a part on one who does not hold it as a person.
CREATE TABLE case_parts (
    case_id        TEXT    NOT NULL,
    user_id        TEXT    NOT NULL,
    part           TEXT    NOT NULL CHECK (part IN ('recorder', 'reviewer', 'visitor', 'verifier', 'approver', 'payer')),
    round          INTEGER NOT NULL,
    user_person    TEXT    NOT NULL,
    subject_person TEXT    NOT NULL,
    PRIMARY KEY (case_id, user_id),
    UNIQUE (case_id, user_person),
    FOREIGN KEY (user_id, user_person) REFERENCES users (id, person),
    CHECK (user_person <> subject_person)
);

-- Hardship files. Re-opening makes a new row: same number, next episode.
CREATE TABLE files (
    id               TEXT      NOT NULL PRIMARY KEY,
    number           TEXT      NOT NULL,
    member_id        TEXT      NOT NULL,
    person           TEXT      NOT NULL,
    organization_id  TEXT      NOT NULL REFERENCES organizations (id),
    status           TEXT      NOT NULL,
    scheme           TEXT      NOT NULL,
    category         TEXT      NOT NULL,
    level            TEXT      NOT NULL,
    primary_cause    TEXT      NOT NULL,
    secondary_causes TEXT      NOT NULL,
    contact_id       TEXT      REFERENCES users (id),
    opened_on        DATE,
    closed_on        DATE,
    closed_reason    TEXT,
    episode          INTEGER   NOT NULL,
    former_id        TEXT      REFERENCES files (id),
    stage            TEXT,
    due_on           DATE,
    round            INTEGER   NOT NULL,
    steps            TEXT      NOT NULL,
    recorder_id      TEXT      NOT NULL,
    approver_id      TEXT,
    version          INTEGER   NOT NULL,
    updated_at       TIMESTAMP NOT NULL,
    UNIQUE (number, episode),
    FOREIGN KEY (member_id, person) REFERENCES members (id, person),
    FOREIGN KEY (id, recorder_id) REFERENCES case_parts (case_id, user_id),
    FOREIGN KEY (id, approver_id) REFERENCES case_parts (case_id, user_id),
    CHECK (approver_id <> recorder_id),
    CHECK (status NOT IN ('on_file', 'exited', 'relieved', 'deregistered') OR (approver_id IS NOT NULL AND opened_on IS NOT NULL)),
    CHECK (closed_on >= opened_on),
    CHECK ((status = 'submitted') = (stage IS NOT NULL))
);
-- One file that has not ended per member, and so per person.
CREATE UNIQUE INDEX files_one_per_member ON files (member_id)
    WHERE status NOT IN ('exited', 'relieved', 'deregistered', 'rejected', 'withdrawn');
-- A file is re-opened once; a draft that came to nothing leaves room for another.
CREATE UNIQUE INDEX files_one_successor ON files (former_id) WHERE status NOT IN ('rejected', 'withdrawn');
CREATE INDEX files_member ON files (member_id);
CREATE INDEX files_organization ON files (organization_id, id);
CREATE INDEX files_status ON files (status, id);
CREATE INDEX files_contact ON files (contact_id, id);
CREATE INDEX files_updated ON files (updated_at, id);
CREATE INDEX files_category ON files (category, id);
-- What waits at which step of the procedure, and what waits too long (rule 34).
CREATE INDEX files_stage ON files (stage, id) WHERE stage IS NOT NULL;
CREATE INDEX files_due ON files (due_on, id) WHERE due_on IS NOT NULL;

-- Who was paired with a file, from when until when (rule 50); at most one at a time.
CREATE TABLE pairings (
    id         TEXT      NOT NULL PRIMARY KEY,
    file_id    TEXT      NOT NULL REFERENCES files (id),
    contact_id TEXT      NOT NULL REFERENCES users (id),
    from_at    TIMESTAMP NOT NULL,
    until_at   TIMESTAMP,
    paired_by  TEXT      NOT NULL REFERENCES users (id),
    CHECK (until_at >= from_at)
);
CREATE UNIQUE INDEX pairings_one_current ON pairings (file_id) WHERE until_at IS NULL;
CREATE INDEX pairings_file ON pairings (file_id, from_at);
CREATE INDEX pairings_contact ON pairings (contact_id) WHERE until_at IS NULL;
-- The gap list (rule 50): files on file without a contact, or whose contact is disabled.
CREATE INDEX files_unpaired ON files (id) WHERE status = 'on_file' AND contact_id IS NULL;
CREATE INDEX users_disabled ON users (id) WHERE disabled;

-- Changes of a file after it came on file: what fulfils the yearly update (rule 52).
CREATE TABLE file_changes (
    id         TEXT      NOT NULL PRIMARY KEY,
    file_id    TEXT      NOT NULL REFERENCES files (id),
    changed_at TIMESTAMP NOT NULL,
    changed_by TEXT      NOT NULL REFERENCES users (id)
);
CREATE INDEX file_changes_file ON file_changes (file_id, changed_at);

-- What was done for a household (rules 51 to 55). Corrected by voiding, never changed or deleted.
CREATE TABLE actions (
    id                 TEXT      NOT NULL PRIMARY KEY,
    file_id            TEXT      NOT NULL REFERENCES files (id),
    organization_id    TEXT      NOT NULL REFERENCES organizations (id),
    kind               TEXT      NOT NULL,
    occurred_at        TIMESTAMP NOT NULL,
    performed_by       TEXT      NOT NULL REFERENCES users (id),
    recorded_by        TEXT      NOT NULL REFERENCES users (id),
    recorded_at        TIMESTAMP NOT NULL,
    details_sealed     TEXT      NOT NULL,
    voided_at          TIMESTAMP,
    voided_by          TEXT      REFERENCES users (id),
    void_reason_sealed TEXT,
    version            INTEGER   NOT NULL
);
CREATE INDEX actions_file ON actions (file_id, occurred_at, id);
CREATE INDEX actions_organization ON actions (organization_id, occurred_at, id);
CREATE INDEX actions_performed_by ON actions (performed_by, occurred_at, id);
CREATE INDEX actions_kind ON actions (kind, occurred_at, id);
CREATE INDEX actions_occurred_at ON actions (occurred_at, id);

-- Duties set aside by a supervisor, with the reason; reinstating keeps the row.
CREATE TABLE waivers (
    id             TEXT      NOT NULL PRIMARY KEY,
    file_id        TEXT      NOT NULL REFERENCES files (id),
    year           INTEGER   NOT NULL,
    kind           TEXT      NOT NULL,
    disposition    TEXT      NOT NULL,
    reason_code    TEXT      NOT NULL,
    comment_sealed TEXT,
    decided_by     TEXT      NOT NULL REFERENCES users (id),
    decided_at     TIMESTAMP NOT NULL,
    reinstated_by  TEXT      REFERENCES users (id),
    reinstated_at  TIMESTAMP
);
CREATE UNIQUE INDEX waivers_one_current ON waivers (file_id, year, kind) WHERE reinstated_at IS NULL;
CREATE INDEX waivers_file ON waivers (file_id);

-- The five-ones ledger of a file and year, and its duties: what the pure rule in ledger/rules.rs derives from the
-- facts above, kept so that worklists and summaries are index reads. `state` leaves out the passing of time: an
-- open duty is overdue once `due_on` is past. 'none' is left of a duty when the file turned out not to have been on
-- file in that year, by a leaving day set back.
CREATE TABLE ledgers (
    file_id         TEXT    NOT NULL REFERENCES files (id),
    year            INTEGER NOT NULL,
    organization_id TEXT    NOT NULL REFERENCES organizations (id),
    contact_id      TEXT    REFERENCES users (id),
    policy_id       TEXT    NOT NULL REFERENCES policies (id),
    complete        BOOLEAN NOT NULL,
    version         INTEGER NOT NULL,
    PRIMARY KEY (file_id, year)
);
CREATE INDEX ledgers_incomplete ON ledgers (year, complete, file_id);
CREATE TABLE duties (
    file_id         TEXT    NOT NULL,
    year            INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    organization_id TEXT    NOT NULL,
    contact_id      TEXT,
    state           TEXT    NOT NULL CHECK (state IN ('open', 'done', 'waived', 'not_applicable', 'none')),
    due_on          DATE    NOT NULL,
    done_on         DATE,
    action_id       TEXT    REFERENCES actions (id),
    waiver_id       TEXT    REFERENCES waivers (id),
    PRIMARY KEY (file_id, year, kind),
    FOREIGN KEY (file_id, year) REFERENCES ledgers (file_id, year)
);
CREATE INDEX duties_worklist ON duties (contact_id, due_on, file_id, kind) WHERE state = 'open';

-- Totals of the two tables above, kept by triggers: a summary reads as many rows as there are units, not files.
-- `contact_id` is '' for no contact and '*' for the total of all contacts.
CREATE TABLE ledger_counts (
    organization_id TEXT    NOT NULL,
    contact_id      TEXT    NOT NULL,
    year            INTEGER NOT NULL,
    complete        BOOLEAN NOT NULL,
    n               BIGINT  NOT NULL,
    PRIMARY KEY (year, organization_id, contact_id, complete)
);
CREATE TABLE duty_counts (
    organization_id TEXT    NOT NULL,
    contact_id      TEXT    NOT NULL,
    year            INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    due_on          DATE    NOT NULL,
    n               BIGINT  NOT NULL,
    PRIMARY KEY (year, organization_id, contact_id, kind, state, due_on)
);

-- Claims on the big-illness condolence (rules 58 to 66). `details` is illness, stays and payee; `decisions` every return
-- and rejection with its reasons; `submitted_on` the day of the first submission, by which the window is judged;
-- `released_at` when the payment of a grant was cancelled: it is no grant any more. Who the
-- payee is to the member and, as a digest, who it is (rules 65, 73).
CREATE TABLE illness_claims (
    id                TEXT      NOT NULL PRIMARY KEY,
    number            TEXT      NOT NULL UNIQUE,
    member_id         TEXT      NOT NULL,
    person            TEXT      NOT NULL,
    organization_id   TEXT      NOT NULL REFERENCES organizations (id),
    programme_year    INTEGER   NOT NULL,
    payee_kind        TEXT      NOT NULL CHECK (payee_kind IN ('member', 'heir', 'guardian')),
    payee_person      TEXT      NOT NULL,
    details_sealed    TEXT      NOT NULL,
    status            TEXT      NOT NULL,
    assessment_sealed TEXT,
    decisions_sealed  TEXT      NOT NULL,
    submitted_on      DATE,
    round             INTEGER   NOT NULL,
    recorder_id       TEXT      NOT NULL,
    verifier_id       TEXT,
    approver_id       TEXT,
    approved_at       TIMESTAMP,
    released_at       TIMESTAMP,
    version           INTEGER   NOT NULL,
    updated_at        TIMESTAMP NOT NULL,
    FOREIGN KEY (member_id, person) REFERENCES members (id, person),
    FOREIGN KEY (id, recorder_id) REFERENCES case_parts (case_id, user_id),
    FOREIGN KEY (id, verifier_id) REFERENCES case_parts (case_id, user_id),
    FOREIGN KEY (id, approver_id) REFERENCES case_parts (case_id, user_id),
    UNIQUE (id, recorder_id, verifier_id, approver_id),
    CHECK ((payee_kind = 'member') = (payee_person = person)),
    CHECK (verifier_id <> recorder_id),
    CHECK (approver_id <> recorder_id AND approver_id <> verifier_id),
    CHECK (status NOT IN ('verified', 'approved', 'paid') OR verifier_id IS NOT NULL),
    CHECK (status NOT IN ('approved', 'paid') OR (approver_id IS NOT NULL AND approved_at IS NOT NULL))
);
-- Once per person and programme year across all unions (rule 62).
CREATE UNIQUE INDEX illness_claims_one_grant ON illness_claims (person, programme_year)
    WHERE status IN ('approved', 'paid') AND released_at IS NULL;
CREATE INDEX illness_claims_person ON illness_claims (person, programme_year);
CREATE INDEX illness_claims_organization ON illness_claims (organization_id, id);
CREATE INDEX illness_claims_status ON illness_claims (status, id);
CREATE INDEX illness_claims_member ON illness_claims (member_id, id);
CREATE INDEX illness_claims_year ON illness_claims (programme_year, id);

-- A settlement number supports one grant ever (rule 63); one that was released supports none.
CREATE TABLE settlement_uses (
    number_hash TEXT    NOT NULL,
    claim_id    TEXT    NOT NULL REFERENCES illness_claims (id),
    released    BOOLEAN NOT NULL,
    PRIMARY KEY (claim_id, number_hash)
);
CREATE UNIQUE INDEX settlement_uses_once ON settlement_uses (number_hash) WHERE NOT released;

-- Applications for aid (rules 67 to 76), which go the way of claims. `details` is what is asked for, by what need, and who
-- gets it; `level` and `needs_file` are the file's and the rule's when it was granted. `cap`, `cap_subject` and `year` say
-- which limit the grant counts against (`aid_limits`). A grant is released when its payment is cancelled.
CREATE TABLE aid_applications (
    id                TEXT      NOT NULL PRIMARY KEY,
    number            TEXT      NOT NULL UNIQUE,
    file_id           TEXT      REFERENCES files (id),
    member_id         TEXT      NOT NULL,
    person            TEXT      NOT NULL,
    organization_id   TEXT      NOT NULL REFERENCES organizations (id),
    kind              TEXT      NOT NULL,
    period            TEXT      NOT NULL,
    year              INTEGER   NOT NULL,
    payee_kind        TEXT      NOT NULL CHECK (payee_kind IN ('member', 'heir', 'guardian')),
    payee_person      TEXT      NOT NULL,
    details_sealed    TEXT      NOT NULL,
    settlement_hash   TEXT,
    status            TEXT      NOT NULL,
    assessment_sealed TEXT,
    decisions_sealed  TEXT      NOT NULL,
    warned            BOOLEAN   NOT NULL,
    confirmed_by      TEXT      REFERENCES users (id),
    needs_file        BOOLEAN   NOT NULL,
    level             TEXT,
    granted_fen       BIGINT    CHECK (granted_fen > 0),
    cap               TEXT,
    cap_subject       TEXT,
    released_at       TIMESTAMP,
    submitted_on      DATE,
    round             INTEGER   NOT NULL,
    recorder_id       TEXT      NOT NULL,
    verifier_id       TEXT,
    approver_id       TEXT,
    approved_at       TIMESTAMP,
    version           INTEGER   NOT NULL,
    updated_at        TIMESTAMP NOT NULL,
    FOREIGN KEY (member_id, person) REFERENCES members (id, person),
    FOREIGN KEY (id, recorder_id) REFERENCES case_parts (case_id, user_id),
    FOREIGN KEY (id, verifier_id) REFERENCES case_parts (case_id, user_id),
    FOREIGN KEY (id, approver_id) REFERENCES case_parts (case_id, user_id),
    UNIQUE (id, recorder_id, verifier_id, approver_id),
    CHECK (verifier_id <> recorder_id),
    CHECK (approver_id <> recorder_id AND approver_id <> verifier_id),
    CHECK (status NOT IN ('verified', 'approved', 'paid') OR verifier_id IS NOT NULL),
    CHECK (status NOT IN ('verified', 'approved', 'paid') OR NOT warned OR confirmed_by IS NOT NULL),
    CHECK (status NOT IN ('approved', 'paid') OR (approver_id IS NOT NULL AND approved_at IS NOT NULL AND granted_fen IS NOT NULL)),
    CHECK (status NOT IN ('approved', 'paid') OR NOT needs_file OR (file_id IS NOT NULL AND level IS NOT NULL)),
    CHECK ((payee_kind = 'member') = (payee_person = person)),
    CHECK ((cap IS NULL) = (cap_subject IS NULL))
);
CREATE INDEX aid_applications_organization ON aid_applications (organization_id, id);
CREATE INDEX aid_applications_status ON aid_applications (status, id);
CREATE INDEX aid_applications_file ON aid_applications (file_id, id);
CREATE INDEX aid_applications_member ON aid_applications (member_id, id);
CREATE INDEX aid_applications_kind ON aid_applications (kind, id);
-- A bill of a hospital supports one aid grant (rule 63).
CREATE UNIQUE INDEX aid_applications_settlement ON aid_applications (settlement_hash)
    WHERE status IN ('approved', 'paid') AND released_at IS NULL;

-- Who was granted which kind of aid for which month (rule 76): one row a month and person, for aid to a household one for
-- each of its people, so that periods that overlap meet in a row.
CREATE TABLE aid_uses (
    aid_id   TEXT    NOT NULL REFERENCES aid_applications (id),
    person   TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    month    TEXT    NOT NULL,
    released BOOLEAN NOT NULL,
    PRIMARY KEY (aid_id, person, month)
);
CREATE UNIQUE INDEX aid_uses_once ON aid_uses (person, month, kind) WHERE NOT released;

-- What was granted against a limit in a year (rules 70, 72): `subject` is the number of a household's file, or the digest of
-- a student. Nothing is granted beyond the limit that holds when it is granted.
CREATE TABLE aid_limits (
    cap       TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    year      INTEGER NOT NULL,
    limit_fen BIGINT  NOT NULL,
    used_fen  BIGINT  NOT NULL,
    PRIMARY KEY (cap, subject, year),
    CHECK (used_fen >= 0 AND used_fen <= limit_fen)
);

-- Money to be paid for a case: a claim or an application for aid. The three people of the case come along, held equal to
-- the case's by the foreign key, so that the payer can be checked against them here. `person`, `payee_person` and
-- `account_hash` are digests: of whom the case is about, who gets the money, and to which account it goes.
CREATE TABLE payments (
    id              TEXT      NOT NULL PRIMARY KEY,
    claim_id        TEXT,
    aid_id          TEXT,
    kind            TEXT      NOT NULL,
    person          TEXT      NOT NULL,
    payee_person    TEXT      NOT NULL,
    account_hash    TEXT      NOT NULL,
    replaces_id     TEXT      UNIQUE REFERENCES payments (id),
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    payee_sealed    TEXT      NOT NULL,
    amount_fen      BIGINT    NOT NULL CHECK (amount_fen > 0),
    status          TEXT      NOT NULL CHECK (status IN ('due', 'paid', 'failed', 'cancelled')),
    approved_on     DATE      NOT NULL,
    paid_on         DATE,
    method          TEXT,
    reference       TEXT,
    fail_reason     TEXT,
    comment_sealed  TEXT,
    recorder_id     TEXT      NOT NULL,
    verifier_id     TEXT      NOT NULL,
    approver_id     TEXT      NOT NULL,
    payer_id        TEXT,
    version         INTEGER   NOT NULL,
    updated_at      TIMESTAMP NOT NULL,
    FOREIGN KEY (claim_id, payer_id) REFERENCES case_parts (case_id, user_id),
    FOREIGN KEY (aid_id, payer_id) REFERENCES case_parts (case_id, user_id),
    FOREIGN KEY (claim_id, recorder_id, verifier_id, approver_id)
        REFERENCES illness_claims (id, recorder_id, verifier_id, approver_id),
    FOREIGN KEY (aid_id, recorder_id, verifier_id, approver_id)
        REFERENCES aid_applications (id, recorder_id, verifier_id, approver_id),
    CHECK ((claim_id IS NULL) <> (aid_id IS NULL)),
    CHECK (payer_id NOT IN (recorder_id, verifier_id, approver_id)),
    CHECK (status <> 'paid' OR (payer_id IS NOT NULL AND paid_on IS NOT NULL AND paid_on >= approved_on))
);
-- At most one payment that is due or paid per case: nothing can be paid twice.
CREATE UNIQUE INDEX payments_one_live ON payments (claim_id) WHERE status IN ('due', 'paid');
CREATE UNIQUE INDEX payments_one_live_aid ON payments (aid_id) WHERE status IN ('due', 'paid');
CREATE INDEX payments_claim ON payments (claim_id, id);
CREATE INDEX payments_aid ON payments (aid_id, id);
CREATE INDEX payments_kind ON payments (kind, id);
CREATE INDEX payments_account ON payments (account_hash, id);
CREATE INDEX payments_payee ON payments (payee_person, id);
CREATE INDEX payments_organization ON payments (organization_id, id);
CREATE INDEX payments_status ON payments (status, id);
CREATE INDEX payments_paid_on ON payments (paid_on, id);

-- The log (rule 83). An event is written with its effect and numbered, hashed and made a leaf of the Merkle tree a
-- moment later; from then on nothing may touch it.
CREATE TABLE audit_events (
    id              TEXT      NOT NULL PRIMARY KEY,
    seq             BIGINT    UNIQUE,
    at              TIMESTAMP NOT NULL,
    actor_id        TEXT,
    actor_role      TEXT      NOT NULL,
    organization_id TEXT,
    action          TEXT      NOT NULL,
    subject_type    TEXT      NOT NULL,
    subject_id      TEXT,
    fields          TEXT      NOT NULL,
    before          TEXT      NOT NULL,
    reason          TEXT,
    request_id      TEXT      NOT NULL,
    hash            TEXT,
    CHECK ((seq IS NULL) = (hash IS NULL))
);
CREATE INDEX audit_events_unsealed ON audit_events (at, id) WHERE seq IS NULL;
CREATE INDEX audit_events_subject ON audit_events (subject_id, seq);
CREATE INDEX audit_events_actor ON audit_events (actor_id, seq);
CREATE INDEX audit_events_action ON audit_events (action, seq);
CREATE INDEX audit_events_organization ON audit_events (organization_id, seq);
CREATE INDEX audit_events_at ON audit_events (at, seq);

-- Comments and the like that came with an event: case data, so not in the log but beside it, encrypted.
CREATE TABLE event_notes (
    event_id    TEXT NOT NULL PRIMARY KEY REFERENCES audit_events (id),
    note_sealed TEXT NOT NULL
);

-- Roots of full subtrees of the tree: each of the levels 8, 16, 24, … that cover 256, 65,536, … leaves. The leaves
-- are the hashes of the events; what lies between is hashed from at most 256 of the level below.
CREATE TABLE audit_nodes (
    level INTEGER NOT NULL,
    place BIGINT  NOT NULL,
    hash  TEXT    NOT NULL,
    PRIMARY KEY (level, place),
    CHECK (level > 0 AND level % 8 = 0)
);

-- Heads of the tree, signed by the log's key.
CREATE TABLE audit_checkpoints (
    size BIGINT    NOT NULL PRIMARY KEY,
    root TEXT      NOT NULL,
    at   TIMESTAMP NOT NULL,
    note TEXT      NOT NULL
);

-- Who watches that the log only grows: the public halves of their keys.
CREATE TABLE audit_witnesses (
    id         TEXT      NOT NULL PRIMARY KEY,
    key        TEXT      NOT NULL UNIQUE,
    created_by TEXT      NOT NULL,
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP,
    version    INTEGER   NOT NULL
);

-- Their signature lines under checkpoints.
CREATE TABLE audit_cosignatures (
    size       BIGINT    NOT NULL REFERENCES audit_checkpoints (size),
    witness_id TEXT      NOT NULL REFERENCES audit_witnesses (id),
    line       TEXT      NOT NULL,
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (size, witness_id)
);

-- Which fields each version of a record changed: what a stale If-Match is told.
CREATE TABLE record_versions (
    subject_id TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    fields     TEXT    NOT NULL,
    PRIMARY KEY (subject_id, version)
);

-- Running numbers of files and claims, one row per series.
CREATE TABLE series (
    name TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- Answers kept for a repeat with the same Idempotency-Key, written with their effect.
CREATE TABLE idempotency_keys (
    caller_id     TEXT      NOT NULL,
    operation     TEXT      NOT NULL,
    key_hash      TEXT      NOT NULL,
    body_hash     TEXT      NOT NULL,
    answer_sealed TEXT      NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (caller_id, operation, key_hash)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Ids made by clients, with a digest of the content they came with: a repeat is recognised for ever.
CREATE TABLE client_ids (
    id        TEXT NOT NULL PRIMARY KEY,
    caller_id TEXT NOT NULL,
    body_hash TEXT NOT NULL
);

-- The rules a new installation starts with; DOMAIN 3 and 9 give the sources, the union replaces what differs.
INSERT INTO policies (id, kind, valid_from, valid_to, region_code, rules, status, created_by, approved_by, approved_at, version) VALUES
('00000000-0000-7000-8000-000000000001', 'illness_condolence', '2000-01-01', NULL, NULL,
 '{"threshold_fen":1000000,"inclusive":true,"amount_fen":50000,"off_catalogue_counts":true,"window_to":"03-31"}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1),
('00000000-0000-7000-8000-000000000002', 'five_ones', '2000-01-01', NULL, NULL,
 '{"campaign_from":"01-01","campaign_to":"12-31","due":{"call":"12-31","file_update":"12-31","care_visit":"12-31","insurance":"12-31","job_placement":"12-31"},"grace_days":30,"closing":"01-31","care_visit_needs_gift":true}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1),
('00000000-0000-7000-8000-000000000003', 'accounts', '2000-01-01', NULL, NULL,
 '{"password_min_length":8,"password_min_classes":3,"password_max_age_days":90,"lock_after_failures":5,"lock_minutes":15,"idle_minutes":30,"session_hours":12,"accounts_per_unit":null}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1),
('00000000-0000-7000-8000-000000000004', 'eligibility', '2020-01-01', NULL, NULL,
 '{"schemes":["scheme_2016","scheme_2020"],"relative_inclusive":false,"accidental_percent":50}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1),
('00000000-0000-7000-8000-000000000005', 'procedure', '2020-01-01', NULL, NULL,
 '{"visitors":2,"notice_working_days":5,"step_days":10}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1),
('00000000-0000-7000-8000-000000000006', 'aid_caps', '2020-01-01', NULL, NULL,
 '{"living_months":12,"education_months":10,"living_per_member":false}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1);
