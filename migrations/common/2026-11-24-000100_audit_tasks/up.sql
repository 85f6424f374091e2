-- When the audits of a year are due, how long a unit has to put right what was found, and for how long a guest is let in
-- (rules 80, 81).
INSERT INTO policies (id, kind, valid_from, valid_to, region_code, rules, status, created_by, approved_by, approved_at, version) VALUES
('00000000-0000-7000-8000-000000000100', 'audit', '2000-01-01', NULL, NULL,
 '{"due":"12-31","rectify_days":60,"guest_days":90,"log_months":120}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1);

-- The audit of a unit, or of a fund that it keeps, by the unit directly above it, once a year. What was concluded is case
-- data.
CREATE TABLE audit_tasks (
    id                      TEXT      NOT NULL PRIMARY KEY,
    organization_id         TEXT      NOT NULL REFERENCES organizations (id),
    audited_organization_id TEXT      NOT NULL REFERENCES organizations (id),
    fund_id                 TEXT      REFERENCES funds (id),
    year                    INTEGER   NOT NULL,
    due_on                  DATE      NOT NULL,
    status                  TEXT      NOT NULL CHECK (status IN ('due', 'running', 'done')),
    started_at              TIMESTAMP,
    started_by              TEXT      REFERENCES users (id),
    finished_at             TIMESTAMP,
    finished_by             TEXT      REFERENCES users (id),
    conclusion_sealed       TEXT,
    version                 INTEGER   NOT NULL,
    UNIQUE (id, audited_organization_id),
    CHECK (organization_id <> audited_organization_id),
    CHECK ((status = 'due') = (started_at IS NULL) AND (started_at IS NULL) = (started_by IS NULL)),
    CHECK ((status = 'done') = (finished_at IS NOT NULL) AND (finished_at IS NULL) = (finished_by IS NULL)
        AND (finished_at IS NULL) = (conclusion_sealed IS NULL))
);
CREATE UNIQUE INDEX audit_tasks_unit ON audit_tasks (organization_id, audited_organization_id, year) WHERE fund_id IS NULL;
CREATE UNIQUE INDEX audit_tasks_fund ON audit_tasks (organization_id, audited_organization_id, fund_id, year) WHERE fund_id IS NOT NULL;
CREATE INDEX audit_tasks_audited ON audit_tasks (audited_organization_id, year, id);
CREATE INDEX audit_tasks_year ON audit_tasks (year, id);
