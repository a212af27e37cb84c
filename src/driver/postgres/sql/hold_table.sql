-- The lock that dropping it takes anyway.
LOCK TABLE @table@ IN ACCESS EXCLUSIVE MODE
