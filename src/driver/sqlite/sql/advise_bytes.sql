-- Of all that is in use: what an index takes is what there is more.
SELECT ((SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count))
       * (SELECT page_size FROM pragma_page_size)
