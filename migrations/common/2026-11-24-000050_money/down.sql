DROP TABLE book_movements;
DROP INDEX payments_line;
ALTER TABLE payments DROP COLUMN budget_line_id;
DROP TABLE book_accounts;
DROP TABLE budget_lines;
DROP TABLE fund_kinds;
DROP TABLE funds;
DELETE FROM policies WHERE kind = 'funding';
DELETE FROM code_values WHERE list = 'aid_kind';
