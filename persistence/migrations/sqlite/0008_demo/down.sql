DROP TABLE demo_fillings;
