DELETE FROM policies WHERE kind = 'exports';
DROP TABLE exports;
