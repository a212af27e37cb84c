-- One row when the file is so large that work on a whole table can take time.
SELECT 1 FROM pragma_page_count AS c, pragma_page_size AS s WHERE c.page_count * s.page_size > 1048576
