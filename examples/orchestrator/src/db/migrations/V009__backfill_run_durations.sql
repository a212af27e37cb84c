-- Migration V009
-- Description: Fill duration_ms of runs in batches
-- Author: Orchestrator team
-- Date: 2024-08-12

-- Each batch commits, so that no row stays locked for long and a stopped run has kept what it did. Killed
-- inside the CALL, `whimbrel resume --retry` goes on with the rows that are still empty.

-- migrate:up transaction:false variables:on
CREATE OR REPLACE PROCEDURE orchestrator.backfill_run_durations(batch integer, pause double precision)
LANGUAGE plpgsql AS $$
DECLARE
    touched integer;
BEGIN
    LOOP
        UPDATE orchestrator.runs r
           SET duration_ms = round(extract(epoch FROM r.completed_at - r.started_at) * 1000)
         WHERE r.id IN (SELECT id FROM orchestrator.runs
                         WHERE duration_ms IS NULL AND completed_at IS NOT NULL AND started_at IS NOT NULL
                         LIMIT batch);
        GET DIAGNOSTICS touched = ROW_COUNT;
        COMMIT;
        EXIT WHEN touched < batch;
        PERFORM pg_sleep(pause);
    END LOOP;
END
$$;
CALL orchestrator.backfill_run_durations(${batch_size}, ${batch_pause});
ANALYZE orchestrator.runs;

-- migrate:verify
SELECT count(*) = 0 FROM orchestrator.runs
 WHERE duration_ms IS NULL AND completed_at IS NOT NULL AND started_at IS NOT NULL;

-- migrate:down
DROP PROCEDURE IF EXISTS orchestrator.backfill_run_durations(integer, double precision);
