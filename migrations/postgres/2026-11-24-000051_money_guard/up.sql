-- The balance of an account is the sum of its movements, and changes only with one.
CREATE FUNCTION book_movement() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE book_accounts SET balance_fen = balance_fen - NEW.amount_fen, last_id = NEW.id WHERE id = NEW.from_account_id;
    UPDATE book_accounts SET balance_fen = balance_fen + NEW.amount_fen, last_id = NEW.id WHERE id = NEW.to_account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER book_movements_balance AFTER INSERT ON book_movements FOR EACH ROW EXECUTE FUNCTION book_movement();
CREATE TRIGGER book_accounts_start BEFORE INSERT ON book_accounts FOR EACH ROW
WHEN (NEW.balance_fen <> 0) EXECUTE FUNCTION refuse('an account begins with nothing');
-- Only from within the trigger above.
CREATE TRIGGER book_accounts_keep BEFORE UPDATE ON book_accounts FOR EACH ROW
WHEN (pg_trigger_depth() = 0 OR (NEW.id, NEW.fund_id, NEW.line_id, NEW.kind) IS DISTINCT FROM (OLD.id, OLD.fund_id, OLD.line_id, OLD.kind))
EXECUTE FUNCTION refuse('a balance is the sum of its movements');
CREATE TRIGGER book_accounts_no_delete BEFORE DELETE OR TRUNCATE ON book_accounts
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the books are append-only');
CREATE TRIGGER book_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book_movements
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the books are append-only');
