-- What plans and times depend on.
SELECT 'cache_size', cache_size FROM pragma_cache_size
UNION ALL SELECT 'journal_mode', journal_mode FROM pragma_journal_mode
UNION ALL SELECT 'page_count', page_count FROM pragma_page_count
UNION ALL SELECT 'page_size', page_size FROM pragma_page_size
UNION ALL SELECT 'statistics', CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1') THEN 'analyzed' ELSE 'none' END
