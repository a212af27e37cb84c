-- None of them.
SELECT 0, 0, 0
