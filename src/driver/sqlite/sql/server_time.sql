-- The clock that the journal's times are made by.
SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
