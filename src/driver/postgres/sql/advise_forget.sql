-- Forgets them all.
SELECT hypopg_reset()
