-- The clock that the journal's times are made by.
SELECT whimbrel_time(0)
