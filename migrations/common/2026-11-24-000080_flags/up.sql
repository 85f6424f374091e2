-- What the standing queries of auditors take for suspicious (rule 82).
INSERT INTO policies (id, kind, valid_from, valid_to, region_code, rules, status, created_by, approved_by, approved_at, version) VALUES
('00000000-0000-7000-8000-000000000080', 'flags', '2000-01-01', NULL, NULL,
 '{"split_days":30,"split_percent":10,"split_limit_fen":null,"office_from":8,"office_to":18}',
 'in_force', NULL, NULL, '2020-03-13 00:00:00', 1);

-- The paths of the standing queries: payments by the day of their approval, grants of a kind to a person by day, grants
-- against a limit, and who is known by a person.
CREATE INDEX payments_approved_on ON payments (approved_on, id);
CREATE INDEX payments_person ON payments (person, kind, approved_on);
CREATE INDEX aid_applications_limit ON aid_applications (cap_subject, year, cap);
CREATE INDEX known_people_person ON known_people (person, id);
