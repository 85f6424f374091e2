DROP TABLE campaign_visits;
DROP TABLE questionnaires;
