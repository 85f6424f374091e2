DROP TABLE bank_answer_queries;
DROP TABLE bank_answers;
DROP TABLE batch_lines;
DROP TABLE payment_batches;
DROP TABLE bank_layouts;
