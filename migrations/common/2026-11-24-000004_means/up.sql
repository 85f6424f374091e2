-- Regions of GB/T 2260 with the days on which their codes are valid, and what became of them (rule 2).
CREATE TABLE regions (
    code       TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to   DATE,
    successor  TEXT REFERENCES regions (code),
    CHECK (valid_to >= valid_from)
);
INSERT INTO regions (code, name, valid_from, valid_to, successor) VALUES
('340200', '芜湖市', '1973-01-01', NULL, NULL),
('340202', '镜湖区', '1990-01-01', NULL, NULL),
('340207', '鸠江区', '2005-01-01', NULL, NULL),
('340209', '弋江区', '2020-07-06', NULL, NULL),
('340210', '湾沚区', '2020-07-06', NULL, NULL),
('340212', '繁昌区', '2020-07-06', NULL, NULL),
('340223', '南陵县', '1983-01-01', NULL, NULL),
('340281', '无为市', '2019-12-01', NULL, NULL),
('340203', '弋江区（旧）', '2005-01-01', '2020-07-05', '340209'),
('340208', '三山区', '2005-01-01', '2020-07-05', '340209'),
('340221', '芜湖县', '1983-01-01', '2020-07-05', '340210'),
('340222', '繁昌县', '1983-01-01', '2020-07-05', '340212'),
('340225', '无为县', '2011-01-01', '2019-11-30', '340281');

-- What a household declares of its means (rules 16 to 19), encrypted.
CREATE TABLE file_means (
    file_id TEXT NOT NULL PRIMARY KEY REFERENCES files (id),
    sealed  TEXT NOT NULL
);

-- Verdicts on a household, each with what it was judged by, encrypted and kept for ever (rules 11 to 19).
CREATE TABLE assessments (
    id            TEXT      NOT NULL PRIMARY KEY,
    file_id       TEXT      NOT NULL REFERENCES files (id),
    file_version  INTEGER   NOT NULL,
    assessed_at   TIMESTAMP NOT NULL,
    assessed_by   TEXT      NOT NULL REFERENCES users (id),
    policy_id     TEXT      NOT NULL REFERENCES policies (id),
    line_id       TEXT      NOT NULL REFERENCES policies (id),
    excluded      BOOLEAN   NOT NULL,
    sealed        TEXT      NOT NULL
);
CREATE INDEX assessments_file ON assessments (file_id, id);

-- Exclusions that the city sets aside, with its reason, for one way of a file to approval (rule 19).
CREATE TABLE exclusion_overrides (
    file_id       TEXT      NOT NULL REFERENCES files (id),
    round         INTEGER   NOT NULL,
    overridden_by TEXT      NOT NULL REFERENCES users (id),
    overridden_at TIMESTAMP NOT NULL,
    reason_sealed TEXT      NOT NULL,
    PRIMARY KEY (file_id, round)
);
