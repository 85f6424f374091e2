-- The balance of an account is the sum of its movements, and changes only with one.
CREATE TRIGGER book_movements_balance AFTER INSERT ON book_movements BEGIN
    UPDATE book_accounts SET balance_fen = balance_fen - NEW.amount_fen, last_id = NEW.id WHERE id = NEW.from_account_id;
    UPDATE book_accounts SET balance_fen = balance_fen + NEW.amount_fen, last_id = NEW.id WHERE id = NEW.to_account_id;
END;
CREATE TRIGGER book_accounts_start BEFORE INSERT ON book_accounts WHEN NEW.balance_fen <> 0
BEGIN SELECT RAISE(ABORT, 'an account begins with nothing'); END;
CREATE TRIGGER book_accounts_keep BEFORE UPDATE ON book_accounts
WHEN NEW.id <> OLD.id OR NEW.fund_id <> OLD.fund_id OR NEW.line_id IS NOT OLD.line_id OR NEW.kind <> OLD.kind
  OR NEW.last_id IS OLD.last_id OR NOT EXISTS (SELECT 1 FROM book_movements m WHERE m.id = NEW.last_id
    AND ((m.from_account_id = OLD.id AND NEW.balance_fen = OLD.balance_fen - m.amount_fen)
      OR (m.to_account_id = OLD.id AND NEW.balance_fen = OLD.balance_fen + m.amount_fen)))
BEGIN SELECT RAISE(ABORT, 'a balance is the sum of its movements'); END;
CREATE TRIGGER book_accounts_no_delete BEFORE DELETE ON book_accounts
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
CREATE TRIGGER book_movements_no_update BEFORE UPDATE ON book_movements
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
CREATE TRIGGER book_movements_no_delete BEFORE DELETE ON book_movements
BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;
