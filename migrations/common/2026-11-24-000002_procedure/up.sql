-- The holiday calendar (rule 30): a year is known when it is in calendar_years; days that differ from the week are in
-- calendar_days, holidays and swapped weekends alike.
CREATE TABLE calendar_years (
    year    INTEGER NOT NULL PRIMARY KEY,
    source  TEXT    NOT NULL,
    version INTEGER NOT NULL
);
CREATE TABLE calendar_days (
    day     DATE    NOT NULL PRIMARY KEY,
    working BOOLEAN NOT NULL,
    name    TEXT    NOT NULL
);

-- What was done on the way of a file to approval (rules 27, 29): home visits and economic checks, one row each, by
-- round of the procedure. Findings are sealed.
CREATE TABLE file_steps (
    id          TEXT      NOT NULL PRIMARY KEY,
    file_id     TEXT      NOT NULL REFERENCES files (id),
    round       INTEGER   NOT NULL,
    stage       TEXT      NOT NULL,
    done_on     DATE      NOT NULL,
    done_by     TEXT      NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    sealed      TEXT      NOT NULL,
    UNIQUE (file_id, round, stage),
    FOREIGN KEY (file_id, done_by) REFERENCES case_parts (case_id, user_id)
);

-- Public notices (rules 30, 31). What is published stands here as it is published, masked.
CREATE TABLE public_notices (
    id           TEXT      NOT NULL PRIMARY KEY,
    file_id      TEXT      NOT NULL REFERENCES files (id),
    round        INTEGER   NOT NULL,
    name_masked  TEXT      NOT NULL,
    unit_name    TEXT      NOT NULL,
    category     TEXT      NOT NULL,
    from_on      DATE      NOT NULL,
    until_on     DATE      NOT NULL,
    taken_down   BOOLEAN   NOT NULL,
    published_by TEXT      NOT NULL REFERENCES users (id),
    UNIQUE (file_id, round),
    CHECK (until_on > from_on)
);
CREATE INDEX public_notices_running ON public_notices (until_on, id);

-- Objections to a notice (rule 32). Content, reporter and finding are sealed; decided by another person.
CREATE TABLE objections (
    id              TEXT      NOT NULL PRIMARY KEY,
    file_id         TEXT      NOT NULL REFERENCES files (id),
    round           INTEGER   NOT NULL,
    lodged_at       TIMESTAMP NOT NULL,
    recorded_by     TEXT      NOT NULL,
    recorder_person TEXT      NOT NULL,
    sealed          TEXT      NOT NULL,
    outcome         TEXT,
    decided_at      TIMESTAMP,
    decided_by      TEXT,
    decider_person  TEXT,
    version         INTEGER   NOT NULL,
    FOREIGN KEY (recorded_by, recorder_person) REFERENCES users (id, person),
    FOREIGN KEY (decided_by, decider_person) REFERENCES users (id, person),
    CHECK (decider_person <> recorder_person),
    CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL))
);
CREATE INDEX objections_file ON objections (file_id, id);

INSERT INTO calendar_years (year, source, version) VALUES
(2020, '国办发明电〔2019〕16号；国办发明电〔2020〕1号（春节假期延长至 2 月 2 日）', 1),
(2026, '国办发明电〔2025〕7号', 1);
INSERT INTO calendar_days (day, working, name) VALUES
('2020-01-01', FALSE, '元旦'),
('2020-01-19', TRUE, '调休上班'),
('2020-01-24', FALSE, '春节'),
('2020-01-25', FALSE, '春节'),
('2020-01-26', FALSE, '春节'),
('2020-01-27', FALSE, '春节'),
('2020-01-28', FALSE, '春节'),
('2020-01-29', FALSE, '春节'),
('2020-01-30', FALSE, '春节'),
('2020-01-31', FALSE, '春节'),
('2020-02-01', FALSE, '春节'),
('2020-02-02', FALSE, '春节'),
('2020-04-04', FALSE, '清明节'),
('2020-04-05', FALSE, '清明节'),
('2020-04-06', FALSE, '清明节'),
('2020-04-26', TRUE, '调休上班'),
('2020-05-01', FALSE, '劳动节'),
('2020-05-02', FALSE, '劳动节'),
('2020-05-03', FALSE, '劳动节'),
('2020-05-04', FALSE, '劳动节'),
('2020-05-05', FALSE, '劳动节'),
('2020-05-09', TRUE, '调休上班'),
('2020-06-25', FALSE, '端午节'),
('2020-06-26', FALSE, '端午节'),
('2020-06-27', FALSE, '端午节'),
('2020-06-28', TRUE, '调休上班'),
('2020-09-27', TRUE, '调休上班'),
('2020-10-01', FALSE, '国庆节、中秋节'),
('2020-10-02', FALSE, '国庆节、中秋节'),
('2020-10-03', FALSE, '国庆节、中秋节'),
('2020-10-04', FALSE, '国庆节、中秋节'),
('2020-10-05', FALSE, '国庆节、中秋节'),
('2020-10-06', FALSE, '国庆节、中秋节'),
('2020-10-07', FALSE, '国庆节、中秋节'),
('2020-10-08', FALSE, '国庆节、中秋节'),
('2020-10-10', TRUE, '调休上班'),
('2026-01-01', FALSE, '元旦'),
('2026-01-02', FALSE, '元旦'),
('2026-01-03', FALSE, '元旦'),
('2026-01-04', TRUE, '调休上班'),
('2026-02-14', TRUE, '调休上班'),
('2026-02-15', FALSE, '春节'),
('2026-02-16', FALSE, '春节'),
('2026-02-17', FALSE, '春节'),
('2026-02-18', FALSE, '春节'),
('2026-02-19', FALSE, '春节'),
('2026-02-20', FALSE, '春节'),
('2026-02-21', FALSE, '春节'),
('2026-02-22', FALSE, '春节'),
('2026-02-23', FALSE, '春节'),
('2026-02-28', TRUE, '调休上班'),
('2026-04-04', FALSE, '清明节'),
('2026-04-05', FALSE, '清明节'),
('2026-04-06', FALSE, '清明节'),
('2026-05-01', FALSE, '劳动节'),
('2026-05-02', FALSE, '劳动节'),
('2026-05-03', FALSE, '劳动节'),
('2026-05-04', FALSE, '劳动节'),
('2026-05-05', FALSE, '劳动节'),
('2026-05-09', TRUE, '调休上班'),
('2026-06-19', FALSE, '端午节'),
('2026-06-20', FALSE, '端午节'),
('2026-06-21', FALSE, '端午节'),
('2026-09-20', TRUE, '调休上班'),
('2026-09-25', FALSE, '中秋节'),
('2026-09-26', FALSE, '中秋节'),
('2026-09-27', FALSE, '中秋节'),
('2026-10-01', FALSE, '国庆节'),
('2026-10-02', FALSE, '国庆节'),
('2026-10-03', FALSE, '国庆节'),
('2026-10-04', FALSE, '国庆节'),
('2026-10-05', FALSE, '国庆节'),
('2026-10-06', FALSE, '国庆节'),
('2026-10-07', FALSE, '国庆节'),
('2026-10-10', TRUE, '调休上班');
