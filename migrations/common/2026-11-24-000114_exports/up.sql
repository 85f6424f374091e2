-- Lists that leave the service (rule 90): who asked, for what and why, who approved it, and until when it may be downloaded. The
-- rows themselves are never kept. In clear nothing leaves without the approval of another person, who is a digest as well as an
-- account, for one person may have two accounts.
CREATE TABLE exports (
    id               TEXT      NOT NULL PRIMARY KEY,
    organization_id  TEXT      NOT NULL REFERENCES organizations (id),
    list             TEXT      NOT NULL,
    filter           TEXT      NOT NULL,
    format           TEXT      NOT NULL CHECK (format IN ('csv', 'json_lines')),
    clear            BOOLEAN   NOT NULL,
    reason           TEXT      NOT NULL,
    status           TEXT      NOT NULL CHECK (status IN ('requested', 'ready', 'approved', 'refused')),
    expected_rows    BIGINT    NOT NULL CHECK (expected_rows >= 0),
    most_rows        BIGINT    NOT NULL CHECK (most_rows >= expected_rows),
    requested_by     TEXT      NOT NULL,
    requester_person TEXT      NOT NULL,
    requested_at     TIMESTAMP NOT NULL,
    decided_by       TEXT,
    decider_person   TEXT,
    decided_at       TIMESTAMP,
    expires_at       TIMESTAMP NOT NULL,
    downloads        INTEGER   NOT NULL CHECK (downloads >= 0),
    version          INTEGER   NOT NULL,
    updated_at       TIMESTAMP NOT NULL,
    FOREIGN KEY (requested_by, requester_person) REFERENCES users (id, person),
    FOREIGN KEY (decided_by, decider_person) REFERENCES users (id, person),
    CHECK (decider_person <> requester_person),
    CHECK ((decided_by IS NULL) = (decider_person IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((status IN ('approved', 'refused')) = (decided_by IS NOT NULL)),
    CHECK (status <> 'ready' OR NOT clear),
    CHECK (status IN ('ready', 'approved') OR downloads = 0)
);
CREATE INDEX exports_unit ON exports (organization_id, id);
CREATE INDEX exports_list ON exports (list, id);
CREATE INDEX exports_status ON exports (status, id);
CREATE INDEX exports_expiry ON exports (expires_at, id);
CREATE INDEX exports_requester ON exports (requested_by, id);

INSERT INTO policies (id, kind, valid_from, valid_to, region_code, rules, status, created_by, approved_by, approved_at, version) VALUES
('00000000-0000-7000-8000-000000000114', 'exports', '2000-01-01', NULL, NULL,
 '{"masked_rows_without_approval":1000,"most_rows":100000,"valid_hours":24}', 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1);
