-- Migration V006
-- Description: Add full_name to users and fill it
-- Author: Orchestrator team
-- Date: 2024-05-13

-- Expand: programs that know first_name and last_name, and programs that know full_name, work side by side;
-- the trigger carries each one's writes over to the other. V007 takes the old columns away.

-- migrate:up
ALTER TABLE orchestrator.users ADD COLUMN IF NOT EXISTS full_name varchar(255);

UPDATE orchestrator.users SET full_name = first_name || ' ' || last_name
 WHERE full_name IS NULL AND first_name IS NOT NULL AND last_name IS NOT NULL;
UPDATE orchestrator.users SET full_name = coalesce(first_name, last_name)
 WHERE full_name IS NULL AND (first_name IS NOT NULL OR last_name IS NOT NULL);

CREATE OR REPLACE FUNCTION orchestrator.sync_user_names() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    joined text := nullif(concat_ws(' ', NEW.first_name, NEW.last_name), '');
    by_full_name boolean := NEW.full_name IS NOT NULL;
BEGIN
    IF NEW.full_name IS NOT DISTINCT FROM joined THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        by_full_name := NEW.full_name IS DISTINCT FROM OLD.full_name
            AND (NEW.first_name, NEW.last_name) IS NOT DISTINCT FROM (OLD.first_name, OLD.last_name);
    END IF;
    IF by_full_name THEN
        NEW.first_name = split_part(NEW.full_name, ' ', 1);
        NEW.last_name = nullif(substr(NEW.full_name, length(NEW.first_name) + 2), '');
    ELSE
        NEW.full_name = joined;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER sync_user_names BEFORE INSERT OR UPDATE ON orchestrator.users
    FOR EACH ROW EXECUTE FUNCTION orchestrator.sync_user_names();

-- migrate:verify
SELECT count(*) = 0 FROM orchestrator.users
 WHERE full_name IS DISTINCT FROM nullif(concat_ws(' ', first_name, last_name), '');

-- migrate:down
DROP TRIGGER IF EXISTS sync_user_names ON orchestrator.users;
DROP FUNCTION IF EXISTS orchestrator.sync_user_names();
ALTER TABLE orchestrator.users DROP COLUMN IF EXISTS full_name;
