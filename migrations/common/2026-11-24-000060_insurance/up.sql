-- What can be insured (rule 85): how a plan of an insurer works. A change is another revision, with the days on which
-- covers by it may start; a list keeps the one it was made with. `for_groups` names groups of members; none stands for all.
CREATE TABLE insurance_plans (
    id              TEXT      NOT NULL PRIMARY KEY,
    code            TEXT      NOT NULL,
    revision        INTEGER   NOT NULL,
    name            TEXT      NOT NULL,
    insurer         TEXT      NOT NULL,
    share_price_fen BIGINT    NOT NULL CHECK (share_price_fen > 0),
    term_months     INTEGER   NOT NULL CHECK (term_months BETWEEN 1 AND 120),
    age_from        INTEGER   NOT NULL,
    age_to          INTEGER   NOT NULL,
    max_shares      INTEGER   NOT NULL CHECK (max_shares >= 1),
    equal_shares    BOOLEAN   NOT NULL,
    apply_from      DATE,
    apply_to        DATE,
    for_groups      TEXT      NOT NULL,
    valid_from      DATE      NOT NULL,
    valid_to        DATE,
    created_by      TEXT      REFERENCES users (id),
    created_at      TIMESTAMP NOT NULL,
    UNIQUE (code, revision),
    UNIQUE (id, code, share_price_fen),
    CHECK (age_to >= age_from),
    CHECK (apply_to >= apply_from),
    CHECK (valid_to >= valid_from)
);
INSERT INTO insurance_plans (id, code, revision, name, insurer, share_price_fen, term_months, age_from, age_to, max_shares, equal_shares,
    apply_from, apply_to, for_groups, valid_from, valid_to, created_by, created_at) VALUES
('00000000-0000-7000-8000-000000000a61', 'accident', 1, '在职职工意外伤害互助保障', '中国职工保险互助会', 5000, 12, 16, 60, 3, TRUE,
    NULL, NULL, '[]', '2020-01-01', NULL, NULL, '2020-03-13 00:00:00'),
('00000000-0000-7000-8000-000000000a62', 'new_employment', 1, '新就业形态劳动者专项互助保障', '中国职工保险互助会', 5000, 12, 16, 60, 3, TRUE,
    NULL, NULL, '["truck_driver","courier","care_worker","domestic_worker","mall_information","delivery_rider","real_estate_agent","security_guard"]',
    '2020-01-01', NULL, NULL, '2020-03-13 00:00:00');

-- How many people of the eight groups are to be insured in a year (rule 84).
INSERT INTO policies (id, kind, valid_from, valid_to, region_code, rules, status, created_by, approved_by, approved_at, version) VALUES
('00000000-0000-7000-8000-000000000a60', 'insurance_target', '2020-01-01', '2020-12-31', NULL,
 '{"people":8700,"groups":[],"units":[]}', 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1);

-- A list of people whom their unit insures together: the unit applies, not the person (集体参保). Who did a step is kept as
-- the account and as the digest of the person, for one person may have two accounts. What goes to the insurer is made
-- once, when the list is sent, and kept encrypted.
CREATE TABLE insurance_lists (
    id               TEXT      NOT NULL PRIMARY KEY,
    number           TEXT      NOT NULL UNIQUE,
    organization_id  TEXT      NOT NULL REFERENCES organizations (id),
    plan_id          TEXT      NOT NULL,
    plan_code        TEXT      NOT NULL,
    share_price_fen  BIGINT    NOT NULL,
    payer            TEXT      NOT NULL CHECK (payer IN ('city', 'province', 'unit', 'self')),
    starts_on        DATE      NOT NULL,
    ends_on          DATE      NOT NULL,
    status           TEXT      NOT NULL,
    head_count       INTEGER   NOT NULL CHECK (head_count > 0),
    total_fen        BIGINT    NOT NULL CHECK (total_fen > 0),
    budget_line_id   TEXT      REFERENCES budget_lines (id),
    recorded_by      TEXT      NOT NULL REFERENCES users (id),
    recorder_person  TEXT      NOT NULL,
    submitted_by     TEXT      REFERENCES users (id),
    submitter_person TEXT,
    approved_by      TEXT      REFERENCES users (id),
    approver_person  TEXT,
    approved_on      DATE,
    sent_by          TEXT      REFERENCES users (id),
    sender_person    TEXT,
    sent_at          TIMESTAMP,
    paid_on          DATE,
    reference        TEXT,
    content_sealed   TEXT,
    content_hash     TEXT,
    version          INTEGER   NOT NULL,
    updated_at       TIMESTAMP NOT NULL,
    UNIQUE (id, plan_code, share_price_fen, starts_on, ends_on),
    FOREIGN KEY (plan_id, plan_code, share_price_fen) REFERENCES insurance_plans (id, code, share_price_fen),
    CHECK (ends_on >= starts_on),
    CHECK (status IN ('draft', 'submitted', 'approved', 'sent', 'in_force', 'cancelled')),
    CHECK (approver_person <> recorder_person AND approver_person <> submitter_person),
    CHECK (sender_person <> recorder_person AND sender_person <> submitter_person AND sender_person <> approver_person),
    CHECK (status IN ('draft', 'cancelled') OR submitter_person IS NOT NULL),
    CHECK (status NOT IN ('approved', 'sent', 'in_force') OR (approver_person IS NOT NULL AND approved_on IS NOT NULL)),
    CHECK ((status IN ('sent', 'in_force')) = (sender_person IS NOT NULL)),
    CHECK ((sender_person IS NULL) = (content_hash IS NULL)),
    CHECK ((sender_person IS NULL) = (paid_on IS NULL)),
    CHECK (paid_on >= approved_on AND paid_on <= starts_on),
    CHECK (payer <> 'self' OR budget_line_id IS NULL)
);
CREATE INDEX insurance_lists_unit ON insurance_lists (organization_id, id);
CREATE INDEX insurance_lists_status ON insurance_lists (status, id);
CREATE INDEX insurance_lists_plan ON insurance_lists (plan_id, id);
CREATE INDEX insurance_lists_line ON insurance_lists (budget_line_id);

-- Somebody on a list. The cover runs from `starts_on` to `ends_on`, or to `ended_on` when it ended early; while it is not
-- voided nobody has two covers of one plan on one day (trigger `enrolments_overlap`). Unit and group are those of the
-- member when the list was made.
CREATE TABLE enrolments (
    id                   TEXT      NOT NULL PRIMARY KEY,
    list_id              TEXT      NOT NULL,
    line                 INTEGER   NOT NULL,
    plan_code            TEXT      NOT NULL,
    member_id            TEXT      NOT NULL,
    person               TEXT      NOT NULL,
    organization_id      TEXT      NOT NULL REFERENCES organizations (id),
    group_code           TEXT,
    shares               INTEGER   NOT NULL CHECK (shares > 0),
    share_price_fen      BIGINT    NOT NULL,
    premium_fen          BIGINT    NOT NULL CHECK (premium_fen = shares * share_price_fen),
    starts_on            DATE      NOT NULL,
    ends_on              DATE      NOT NULL,
    start_year           INTEGER   NOT NULL,
    status               TEXT      NOT NULL,
    confirmed_on         DATE,
    policy_number_sealed TEXT,
    ended_on             DATE,
    end_reason           TEXT,
    version              INTEGER   NOT NULL,
    updated_at           TIMESTAMP NOT NULL,
    UNIQUE (list_id, line),
    UNIQUE (list_id, person),
    UNIQUE (id, member_id, person),
    FOREIGN KEY (list_id, plan_code, share_price_fen, starts_on, ends_on)
        REFERENCES insurance_lists (id, plan_code, share_price_fen, starts_on, ends_on),
    FOREIGN KEY (member_id, person) REFERENCES members (id, person),
    CHECK (status IN ('listed', 'in_force', 'ended', 'voided')),
    CHECK (status NOT IN ('in_force', 'ended') OR (confirmed_on IS NOT NULL AND policy_number_sealed IS NOT NULL)),
    CHECK ((status = 'ended') = (ended_on IS NOT NULL)),
    CHECK ((status = 'ended') = (end_reason IS NOT NULL)),
    CHECK (ended_on >= starts_on AND ended_on < ends_on)
);
CREATE INDEX enrolments_person ON enrolments (person, plan_code, starts_on);
CREATE INDEX enrolments_member ON enrolments (member_id, id);
CREATE INDEX enrolments_unit ON enrolments (organization_id, id);
CREATE INDEX enrolments_status ON enrolments (status, id);
-- What the coverage of a year is counted from, without a look at the table.
CREATE INDEX enrolments_year ON enrolments (start_year, status, organization_id, group_code, person, shares);

-- The duty of the five ones follows a cover to the households of the person, whichever they are in (rule 54).
CREATE INDEX household_person ON household_people (person, file_id);

-- A claim on an insurance: what the insurer paid is what an illness claim is compared with (rule 60).
CREATE TABLE insurance_claims (
    id               TEXT      NOT NULL PRIMARY KEY,
    enrolment_id     TEXT      NOT NULL,
    member_id        TEXT      NOT NULL,
    person           TEXT      NOT NULL,
    organization_id  TEXT      NOT NULL REFERENCES organizations (id),
    happened_on      DATE      NOT NULL,
    reported_on      DATE      NOT NULL,
    status           TEXT      NOT NULL,
    decided_on       DATE,
    amount_fen       BIGINT,
    details_sealed   TEXT      NOT NULL,
    illness_claim_id TEXT      REFERENCES illness_claims (id),
    recorded_by      TEXT      NOT NULL REFERENCES users (id),
    version          INTEGER   NOT NULL,
    updated_at       TIMESTAMP NOT NULL,
    FOREIGN KEY (enrolment_id, member_id, person) REFERENCES enrolments (id, member_id, person),
    CHECK (status IN ('reported', 'accepted', 'paid', 'refused')),
    CHECK (reported_on >= happened_on),
    CHECK ((status = 'reported') = (decided_on IS NULL)),
    CHECK (decided_on >= reported_on),
    CHECK ((status = 'paid') = (amount_fen IS NOT NULL)),
    CHECK (amount_fen > 0)
);
CREATE INDEX insurance_claims_unit ON insurance_claims (organization_id, id);
CREATE INDEX insurance_claims_enrolment ON insurance_claims (enrolment_id, id);
CREATE INDEX insurance_claims_status ON insurance_claims (status, id);
CREATE INDEX insurance_claims_person ON insurance_claims (person, happened_on);
CREATE INDEX insurance_claims_illness ON insurance_claims (illness_claim_id);

-- A movement of money that an approval owes is about a payment or about an insurance list, and of each kind once.
ALTER TABLE book_movements ADD COLUMN insurance_list_id TEXT REFERENCES insurance_lists (id)
    CHECK (payment_id IS NULL OR insurance_list_id IS NULL)
    CHECK (kind NOT IN ('commit', 'release', 'pay', 'return') OR payment_id IS NOT NULL OR insurance_list_id IS NOT NULL)
    CHECK (insurance_list_id IS NULL OR kind IN ('commit', 'release', 'pay'));
CREATE UNIQUE INDEX book_movements_insurance ON book_movements (insurance_list_id, kind) WHERE insurance_list_id IS NOT NULL;
