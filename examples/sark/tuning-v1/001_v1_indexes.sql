-- Migration: Indexes for a service that is still on v1
-- ID: v1_indexes
-- Author: SARK team

-- Optional. Of the set that was proposed, those that another index already serves are left out: idx_mcp_servers_owner,
-- _team, idx_mcp_tools_server, idx_api_keys_user and _prefix.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mcp_servers_status ON mcp_servers (status) WHERE status <> 'decommissioned';
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mcp_servers_sensitivity ON mcp_servers (sensitivity_level);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mcp_servers_status_sensitivity ON mcp_servers (status, sensitivity_level);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mcp_servers_created_at ON mcp_servers (created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mcp_servers_status_created ON mcp_servers (status, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mcp_tools_sensitivity ON mcp_tools (sensitivity_level);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mcp_tools_server_sensitivity ON mcp_tools (server_id, sensitivity_level);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_events_user_time ON audit_events (user_id, timestamp DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_events_type_time ON audit_events (event_type, timestamp DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_events_server_time ON audit_events (server_id, timestamp DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_events_severity ON audit_events (severity) WHERE severity IN ('high', 'critical');
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_events_ip ON audit_events (ip_address);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_api_keys_active ON api_keys (user_id) WHERE is_active;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_email ON users (email) WHERE is_active;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_role ON users (role);
ANALYZE mcp_servers;
ANALYZE mcp_tools;
ANALYZE audit_events;
ANALYZE api_keys;
ANALYZE users;

-- migrate:down
DROP INDEX CONCURRENTLY IF EXISTS idx_users_role;
DROP INDEX CONCURRENTLY IF EXISTS idx_users_email;
DROP INDEX CONCURRENTLY IF EXISTS idx_api_keys_active;
DROP INDEX CONCURRENTLY IF EXISTS idx_audit_events_ip;
DROP INDEX CONCURRENTLY IF EXISTS idx_audit_events_severity;
DROP INDEX CONCURRENTLY IF EXISTS idx_audit_events_server_time;
DROP INDEX CONCURRENTLY IF EXISTS idx_audit_events_type_time;
DROP INDEX CONCURRENTLY IF EXISTS idx_audit_events_user_time;
DROP INDEX CONCURRENTLY IF EXISTS idx_mcp_tools_server_sensitivity;
DROP INDEX CONCURRENTLY IF EXISTS idx_mcp_tools_sensitivity;
DROP INDEX CONCURRENTLY IF EXISTS idx_mcp_servers_status_created;
DROP INDEX CONCURRENTLY IF EXISTS idx_mcp_servers_created_at;
DROP INDEX CONCURRENTLY IF EXISTS idx_mcp_servers_status_sensitivity;
DROP INDEX CONCURRENTLY IF EXISTS idx_mcp_servers_sensitivity;
DROP INDEX CONCURRENTLY IF EXISTS idx_mcp_servers_status;
