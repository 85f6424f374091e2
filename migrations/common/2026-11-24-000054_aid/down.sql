DELETE FROM policies WHERE kind = 'aid';
