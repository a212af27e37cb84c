-- There are no policies.
SELECT 1
