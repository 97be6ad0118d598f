DROP TABLE looked_up_postcodes;
