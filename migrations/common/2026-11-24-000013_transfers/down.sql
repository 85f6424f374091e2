DROP TABLE file_transfers;
