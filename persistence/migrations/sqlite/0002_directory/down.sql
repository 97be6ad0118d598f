DROP TABLE imports;
DROP TABLE postcode_blocks;
DROP TABLE postcode_layers;
DROP TABLE bodies;
DROP TABLE representatives;
DROP TABLE areas;
