DROP TABLE objections;
DROP TABLE public_notices;
DROP TABLE file_steps;
DROP TABLE calendar_days;
DROP TABLE calendar_years;
