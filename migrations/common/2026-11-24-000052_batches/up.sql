-- How the files of a bank look (rule 75). A change is a new version; a batch keeps the one it was made with.
CREATE TABLE bank_layouts (
    id         TEXT      NOT NULL PRIMARY KEY,
    code       TEXT      NOT NULL,
    revision   INTEGER   NOT NULL,
    name       TEXT      NOT NULL,
    layout     TEXT      NOT NULL,
    created_by TEXT      REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (code, revision)
);
INSERT INTO bank_layouts (id, code, revision, name, layout, created_by, created_at) VALUES
('00000000-0000-7000-8000-000000000061', 'utf8', 1, '通用代发文件（UTF-8）',
 '{"encoding":"utf8_bom","columns":[{"header":"序号","field":"line_number"},{"header":"业务参考号","field":"reference"},{"header":"户名","field":"payee_name"},{"header":"账号","field":"account_number"},{"header":"开户行","field":"bank"},{"header":"金额","field":"amount"},{"header":"用途","field":"purpose"}],"answer":{"reference":"业务参考号","amount":"金额","status":"处理结果","code":"原因代码","paid":["成功"],"returned":["失败","退回"],"codes":[{"bank":"R01","means":"account_closed"},{"bank":"R02","means":"name_mismatch"},{"bank":"R03","means":"account_not_found"},{"bank":"R99","means":"other"}]}}',
 NULL, '2020-03-13 00:00:00'),
('00000000-0000-7000-8000-000000000062', 'gb18030', 1, '通用代发文件（GB18030）',
 '{"encoding":"gb18030","columns":[{"header":"序号","field":"line_number"},{"header":"业务参考号","field":"reference"},{"header":"户名","field":"payee_name"},{"header":"账号","field":"account_number"},{"header":"开户行","field":"bank"},{"header":"金额","field":"amount"},{"header":"用途","field":"purpose"}],"answer":{"reference":"业务参考号","amount":"金额","status":"处理结果","code":"原因代码","paid":["成功"],"returned":["失败","退回"],"codes":[{"bank":"R01","means":"account_closed"},{"bank":"R02","means":"name_mismatch"},{"bank":"R03","means":"account_not_found"},{"bank":"R99","means":"other"}]}}',
 NULL, '2020-03-13 00:00:00');

-- A batch of payments for the bank (rule 75). Who did a step is kept as the account and as the digest of the person, for
-- one person may have two accounts: whoever approves has not made or checked it; nobody checks, sends, settles or closes
-- what was their own step just before.
CREATE TABLE payment_batches (
    id              TEXT      NOT NULL PRIMARY KEY,
    number          TEXT      NOT NULL UNIQUE,
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    layout_id       TEXT      NOT NULL REFERENCES bank_layouts (id),
    status          TEXT      NOT NULL,
    line_count      INTEGER   NOT NULL,
    total_fen       BIGINT    NOT NULL,
    made_by         TEXT      NOT NULL REFERENCES users (id),
    maker_person    TEXT      NOT NULL,
    checked_by      TEXT      REFERENCES users (id),
    checker_person  TEXT,
    approved_by     TEXT      REFERENCES users (id),
    approver_person TEXT,
    exported_by     TEXT      REFERENCES users (id),
    exporter_person TEXT,
    exported_at     TIMESTAMP,
    settled_by      TEXT      REFERENCES users (id),
    settler_person  TEXT,
    closed_by       TEXT      REFERENCES users (id),
    closer_person   TEXT,
    content_sealed  TEXT,
    content_hash    TEXT,
    version         INTEGER   NOT NULL,
    updated_at      TIMESTAMP NOT NULL,
    CHECK (status IN ('open', 'submitted', 'checked', 'approved', 'exported', 'settled', 'closed', 'cancelled')),
    CHECK (checker_person <> maker_person),
    CHECK (approver_person <> maker_person AND approver_person <> checker_person),
    CHECK (exporter_person <> approver_person),
    CHECK (settler_person <> exporter_person),
    CHECK (closer_person <> settler_person),
    CHECK (status IN ('open', 'submitted', 'cancelled') OR checker_person IS NOT NULL),
    CHECK (status IN ('open', 'submitted', 'checked', 'cancelled') OR approver_person IS NOT NULL),
    CHECK (status NOT IN ('exported', 'settled', 'closed') OR (exporter_person IS NOT NULL AND content_hash IS NOT NULL)),
    CHECK (status NOT IN ('settled', 'closed') OR settler_person IS NOT NULL),
    CHECK (status <> 'closed' OR closer_person IS NOT NULL)
);
CREATE INDEX payment_batches_unit ON payment_batches (organization_id, id);
CREATE INDEX payment_batches_status ON payment_batches (status, id);

-- A payment in a batch. It is in one batch at a time that may still pay it, and once it was paid in none.
CREATE TABLE batch_lines (
    id             TEXT    NOT NULL PRIMARY KEY,
    batch_id       TEXT    NOT NULL REFERENCES payment_batches (id),
    reference      TEXT    NOT NULL UNIQUE,
    payment_id     TEXT    NOT NULL REFERENCES payments (id),
    amount_fen     BIGINT  NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('pending', 'blocked', 'exported', 'paid', 'returned', 'withdrawn')),
    blocked_reason TEXT,
    return_code    TEXT,
    UNIQUE (batch_id, payment_id),
    CHECK ((status = 'blocked') = (blocked_reason IS NOT NULL)),
    CHECK ((status = 'returned') = (return_code IS NOT NULL))
);
CREATE UNIQUE INDEX batch_lines_live ON batch_lines (payment_id) WHERE status IN ('pending', 'exported', 'paid');
CREATE INDEX batch_lines_payment ON batch_lines (payment_id, status);
CREATE INDEX batch_lines_batch ON batch_lines (batch_id, reference);

-- An answer of the bank, once by its content, and the lines of it that need a person. What such a line says is sealed:
-- an account number may stand where the reference should be.
CREATE TABLE bank_answers (
    id           TEXT      NOT NULL PRIMARY KEY,
    batch_id     TEXT      NOT NULL REFERENCES payment_batches (id),
    content_hash TEXT      NOT NULL,
    imported_by  TEXT      NOT NULL REFERENCES users (id),
    imported_at  TIMESTAMP NOT NULL,
    paid         INTEGER   NOT NULL,
    returned     INTEGER   NOT NULL,
    unchanged    INTEGER   NOT NULL,
    queued       INTEGER   NOT NULL,
    UNIQUE (batch_id, content_hash)
);
CREATE TABLE bank_answer_queries (
    id          TEXT      NOT NULL PRIMARY KEY,
    batch_id    TEXT      NOT NULL REFERENCES payment_batches (id),
    answer_id   TEXT      NOT NULL REFERENCES bank_answers (id),
    line        INTEGER   NOT NULL,
    problem     TEXT      NOT NULL,
    sealed      TEXT      NOT NULL,
    resolved_by TEXT      REFERENCES users (id),
    resolved_at TIMESTAMP,
    resolution  TEXT,
    UNIQUE (answer_id, line),
    CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
CREATE INDEX bank_answer_queries_batch ON bank_answer_queries (batch_id, line, id);
