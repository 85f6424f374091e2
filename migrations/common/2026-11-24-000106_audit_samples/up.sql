-- Samples that nobody could choose (rule 37). `population` is what they are drawn from, as canonical JSON ordered by id:
-- [{"amount_fen", "id", "stratum"}]; `digest` is its SHA-256, to which the event of the freezing commits. What is drawn is
-- not kept: it follows from the first checkpoint of the log that covers that event.
CREATE TABLE audit_samples (
    id              TEXT      NOT NULL PRIMARY KEY,
    task_id         TEXT      REFERENCES audit_tasks (id),
    organization_id TEXT      NOT NULL REFERENCES organizations (id),
    population_of   TEXT      NOT NULL CHECK (population_of IN ('payments', 'files')),
    from_on         DATE      NOT NULL,
    to_on           DATE      NOT NULL,
    method          TEXT      NOT NULL CHECK (method IN ('random', 'stratified', 'monetary_unit')),
    stratify_by     TEXT      CHECK (stratify_by IN ('unit', 'amount')),
    size            BIGINT    NOT NULL CHECK (size > 0),
    population      TEXT      NOT NULL,
    population_size BIGINT    NOT NULL CHECK (population_size > 0),
    digest          TEXT      NOT NULL,
    frozen_at       TIMESTAMP NOT NULL,
    frozen_by       TEXT      NOT NULL REFERENCES users (id),
    CHECK (to_on >= from_on),
    CHECK ((method = 'stratified') = (stratify_by IS NOT NULL)),
    CHECK (population_of = 'payments' OR (method <> 'monetary_unit' AND coalesce(stratify_by, 'unit') <> 'amount'))
);
CREATE INDEX audit_samples_unit ON audit_samples (organization_id, id);
CREATE INDEX audit_samples_task ON audit_samples (task_id, id);
