-- What a fund may be spent on (rule 69): a list like the others.
INSERT INTO code_values (list, code, zh, en, standard, standard_code, valid_from, valid_to, place) VALUES
('aid_kind', 'living', '生活救助', 'living aid', NULL, NULL, '2000-01-01', NULL, 1),
('aid_kind', 'medical', '医疗救助', 'medical aid', NULL, NULL, '2000-01-01', NULL, 2),
('aid_kind', 'education', '子女助学', 'education aid', NULL, NULL, '2000-01-01', NULL, 3),
('aid_kind', 'legal', '法律援助', 'legal aid', NULL, NULL, '2000-01-01', NULL, 4),
('aid_kind', 'training', '职业培训', 'vocational training', NULL, NULL, '2000-01-01', NULL, 5),
('aid_kind', 'placement', '职业介绍', 'job placement', NULL, NULL, '2000-01-01', NULL, 6),
('aid_kind', 'warmth_spring', '送温暖·春送岗位', 'sending warmth: jobs in spring', NULL, NULL, '2000-01-01', NULL, 7),
('aid_kind', 'warmth_summer', '送温暖·夏送清凉', 'sending warmth: cooling in summer', NULL, NULL, '2000-01-01', NULL, 8),
('aid_kind', 'warmth_autumn', '送温暖·金秋助学', 'sending warmth: schooling in autumn', NULL, NULL, '2000-01-01', NULL, 9),
('aid_kind', 'warmth_winter', '送温暖·冬送温暖', 'sending warmth: help in winter', NULL, NULL, '2000-01-01', NULL, 10),
('aid_kind', 'temporary', '临时救助', 'temporary relief', NULL, NULL, '2000-01-01', NULL, 11),
('aid_kind', 'illness_condolence', '会员大病慰问', 'condolence for a major illness', NULL, NULL, '2000-01-01', NULL, 12),
('aid_kind', 'mutual_insurance', '职工互助保障', 'mutual insurance', NULL, NULL, '2000-01-01', NULL, 13);

-- What central and provincial money is for (rule 68), and from which day on nothing is approved without a budget (79).
INSERT INTO policies (id, kind, valid_from, valid_to, region_code, rules, status, created_by, approved_by, approved_at, version) VALUES
('00000000-0000-7000-8000-000000000050', 'funding', '2000-01-01', '2021-12-31', NULL,
 '{"central_kinds":["living","medical","education","legal","training","placement"],"budget_needed_from":null}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1),
('00000000-0000-7000-8000-000000000051', 'funding', '2022-01-01', NULL, NULL,
 '{"central_kinds":["living","medical","education","legal","training","placement","warmth_spring","warmth_summer","warmth_autumn","warmth_winter"],"budget_needed_from":null}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1);

-- A fund (rule 68): money of one source, kept by one unit. `version` is raised by every movement, so that whoever moves
-- money holds the row until the work is done.
CREATE TABLE funds (
    id              TEXT      NOT NULL PRIMARY KEY,
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    code            TEXT      NOT NULL,
    name            TEXT      NOT NULL,
    source          TEXT      NOT NULL,
    valid_from      DATE      NOT NULL,
    valid_to        DATE,
    version         INTEGER   NOT NULL,
    UNIQUE (organization_id, code),
    CHECK (valid_to >= valid_from)
);

-- The kinds of aid a fund may be spent on; a budget line is of one of them.
CREATE TABLE fund_kinds (
    fund_id  TEXT NOT NULL REFERENCES funds (id),
    aid_kind TEXT NOT NULL,
    PRIMARY KEY (fund_id, aid_kind)
);

-- What a fund gives a unit for one kind of aid in one year (rule 79).
CREATE TABLE budget_lines (
    id              TEXT      NOT NULL PRIMARY KEY,
    fund_id         TEXT      NOT NULL REFERENCES funds (id),
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    year            INTEGER   NOT NULL,
    aid_kind        TEXT      NOT NULL,
    version         INTEGER   NOT NULL,
    UNIQUE (fund_id, organization_id, year, aid_kind),
    UNIQUE (id, fund_id),
    FOREIGN KEY (fund_id, aid_kind) REFERENCES fund_kinds (fund_id, aid_kind)
);
CREATE INDEX budget_lines_unit ON budget_lines (organization_id, year, aid_kind);
CREATE INDEX budget_lines_year ON budget_lines (year, id);
CREATE INDEX budget_lines_kind ON budget_lines (aid_kind, id);

-- The books. A fund has two accounts: where its money came from (`source`, never above zero) and what is not yet
-- allotted (`fund`). A budget line has five: what may still be approved (`budget`), what was approved and not yet paid
-- (`committed`), what was ever paid (`paid`), and, never above zero, what of it came back from the bank (`returned`)
-- or from the person (`recovered`). `balance_fen`, the sum
-- of the movements, is kept by a trigger and by nothing else; `last_id` is the movement that made it.
CREATE TABLE book_accounts (
    id          TEXT      NOT NULL PRIMARY KEY,
    fund_id     TEXT      NOT NULL REFERENCES funds (id),
    line_id     TEXT,
    kind        TEXT      NOT NULL,
    balance_fen BIGINT    NOT NULL,
    last_id     TEXT,
    UNIQUE (id, fund_id, kind),
    FOREIGN KEY (line_id, fund_id) REFERENCES budget_lines (id, fund_id),
    CHECK (kind IN ('source', 'fund', 'budget', 'committed', 'paid', 'returned', 'recovered')),
    CHECK ((kind IN ('source', 'fund')) = (line_id IS NULL)),
    CHECK (kind IN ('source', 'returned', 'recovered') OR balance_fen >= 0),
    CHECK (kind NOT IN ('source', 'returned', 'recovered') OR balance_fen <= 0)
);
CREATE UNIQUE INDEX book_accounts_fund ON book_accounts (fund_id, kind) WHERE line_id IS NULL;
CREATE UNIQUE INDEX book_accounts_line ON book_accounts (line_id, kind);

ALTER TABLE payments ADD COLUMN budget_line_id TEXT REFERENCES budget_lines (id);
CREATE INDEX payments_line ON payments (budget_line_id, id);

-- A movement takes an amount from one account to another, so that every booking sums to zero by its form. Both accounts
-- are of one fund, and of the kinds that the movement is about. A correction names what it undoes and has its accounts
-- and amount the other way round; nothing is undone twice. A payment is committed once and paid once.
CREATE TABLE book_movements (
    id              TEXT      NOT NULL PRIMARY KEY,
    kind            TEXT      NOT NULL,
    fund_id         TEXT      NOT NULL REFERENCES funds (id),
    from_account_id TEXT      NOT NULL,
    from_kind       TEXT      NOT NULL,
    to_account_id   TEXT      NOT NULL,
    to_kind         TEXT      NOT NULL,
    amount_fen      BIGINT    NOT NULL CHECK (amount_fen > 0),
    payment_id      TEXT      REFERENCES payments (id),
    reverses_id     TEXT      UNIQUE,
    reference       TEXT,
    actor_id        TEXT      NOT NULL REFERENCES users (id),
    at              TIMESTAMP NOT NULL,
    UNIQUE (id, to_account_id, from_account_id, amount_fen),
    FOREIGN KEY (from_account_id, fund_id, from_kind) REFERENCES book_accounts (id, fund_id, kind),
    FOREIGN KEY (to_account_id, fund_id, to_kind) REFERENCES book_accounts (id, fund_id, kind),
    FOREIGN KEY (reverses_id, from_account_id, to_account_id, amount_fen)
        REFERENCES book_movements (id, to_account_id, from_account_id, amount_fen),
    CHECK ((kind = 'receive' AND from_kind = 'source' AND to_kind = 'fund')
        OR (kind = 'allot' AND from_kind = 'fund' AND to_kind = 'budget')
        OR (kind = 'commit' AND from_kind = 'budget' AND to_kind = 'committed')
        OR (kind = 'release' AND from_kind = 'committed' AND to_kind = 'budget')
        OR (kind = 'pay' AND from_kind = 'committed' AND to_kind = 'paid')
        OR (kind = 'return' AND from_kind = 'returned' AND to_kind = 'budget')
        OR (kind = 'recover' AND from_kind = 'recovered' AND to_kind = 'budget')
        OR (kind = 'correct' AND from_kind = 'fund' AND to_kind = 'source')
        OR (kind = 'correct' AND from_kind = 'budget' AND to_kind = 'fund')
        OR (kind = 'correct' AND from_kind = 'budget' AND to_kind = 'recovered')),
    CHECK ((kind IN ('release', 'correct')) = (reverses_id IS NOT NULL))
);
CREATE UNIQUE INDEX book_movements_payment ON book_movements (payment_id, kind) WHERE payment_id IS NOT NULL AND kind NOT IN ('recover', 'correct');
CREATE INDEX book_movements_fund ON book_movements (fund_id, id);
CREATE INDEX book_movements_of_payment ON book_movements (payment_id, id) WHERE payment_id IS NOT NULL;
