DROP TRIGGER book_movements_append_only ON book_movements;
DROP TRIGGER book_accounts_no_delete ON book_accounts;
DROP TRIGGER book_accounts_keep ON book_accounts;
DROP TRIGGER book_accounts_start ON book_accounts;
DROP TRIGGER book_movements_balance ON book_movements;
DROP FUNCTION book_movement;
