DROP TRIGGER book_movements_no_delete;
DROP TRIGGER book_movements_no_update;
DROP TRIGGER book_accounts_no_delete;
DROP TRIGGER book_accounts_keep;
DROP TRIGGER book_accounts_start;
DROP TRIGGER book_movements_balance;
