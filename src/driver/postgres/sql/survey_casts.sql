-- Casts that change nothing but the name of the type.
SELECT format_type(c.castsource, NULL) AS source, format_type(c.casttarget, NULL) AS target
FROM pg_cast c
WHERE c.castmethod = 'b'
