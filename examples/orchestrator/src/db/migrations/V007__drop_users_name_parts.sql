-- Migration V007
-- Description: Drop first_name and last_name of users
-- Author: Orchestrator team
-- Date: 2024-06-10

-- Contract: to be applied when no program reads or writes the old columns any more.
-- There is no way down: what the columns held is gone. The way back is the backup taken before.

-- migrate:require
SELECT count(*) = 0 FROM orchestrator.users
 WHERE full_name IS DISTINCT FROM nullif(concat_ws(' ', first_name, last_name), '');

-- migrate:up
DROP TRIGGER IF EXISTS sync_user_names ON orchestrator.users;
DROP FUNCTION IF EXISTS orchestrator.sync_user_names();
ALTER TABLE orchestrator.users DROP COLUMN IF EXISTS first_name;
ALTER TABLE orchestrator.users DROP COLUMN IF EXISTS last_name;
