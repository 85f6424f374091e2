-- Whom an account holder has declared as a relative (回避, rule 6): nobody acts on a relative's case. By person, so that
-- a second account does not help; the number is sealed.
CREATE TABLE relatives (
    id               TEXT      NOT NULL PRIMARY KEY,
    user_person      TEXT      NOT NULL,
    person           TEXT      NOT NULL,
    relation         TEXT      NOT NULL,
    id_number_sealed TEXT      NOT NULL,
    declared_at      TIMESTAMP NOT NULL,
    UNIQUE (user_person, person),
    CHECK (user_person <> person)
);

-- The evidence on which a household left hardship (rule 40): months and amounts, encrypted.
CREATE TABLE file_exits (
    file_id      TEXT NOT NULL PRIMARY KEY REFERENCES files (id),
    confirmed_by TEXT NOT NULL REFERENCES users (id),
    sealed       TEXT NOT NULL
);
