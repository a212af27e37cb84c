-- The newest run; one without a result is under way or was cut short.
SELECT id, command, plan_digest, plan, tool_version, who, host, pid, started_at, result
FROM main.@journal@migration_runs WHERE project = ?1 AND iif(?2 IS NULL, command NOT IN ('transform', 'optimize'), command = ?2)
ORDER BY seq DESC LIMIT 1
