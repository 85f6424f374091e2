-- How far back the nightly run looks, and from when on figures of a unit are worth a hint (rule 82): a new version of the rule,
-- for one in force is immutable. The chi-square 20.090 is what one unit in a hundred reaches by chance (8 degrees of freedom).
INSERT INTO policies (id, kind, valid_from, valid_to, region_code, rules, status, created_by, approved_by, approved_at, version) VALUES
('00000000-0000-7000-8000-000000000112', 'flags', '2000-01-01', NULL, NULL,
 '{"split_days":30,"split_percent":10,"split_limit_fen":null,"office_from":8,"office_to":18,"look_back_days":366,"figures":{"round_cases":30,"hundreds_percent":90,"thousands_percent":60,"benford_cases":110,"chi_square_milli":20090,"fixed_kinds":["illness_condolence","mutual_insurance"]}}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1);
UPDATE policies SET status = 'superseded', version = 2 WHERE id = '00000000-0000-7000-8000-000000000080';

-- The paths of the queries about files by the day they came on file, of the figures of a unit, and of one person's accounts.
CREATE INDEX files_opened_on ON files (opened_on, id) WHERE opened_on IS NOT NULL;
CREATE INDEX payments_figures ON payments (organization_id, approved_on, kind, amount_fen);
CREATE INDEX users_person ON users (person, id);
