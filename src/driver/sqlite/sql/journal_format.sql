-- The format of the journal.
SELECT format FROM main.@journal@meta
