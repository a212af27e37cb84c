-- A transaction that writes is alone as it is.
SELECT 1
