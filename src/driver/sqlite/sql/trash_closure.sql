-- TRUNCATE, which might take more than one table, is not known here.
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?1) WHERE ?2 IS NOT NULL
