-- Migration: Audit events
-- ID: 004_audit_events
-- Author: SARK team
-- Dependencies: 003_policies

-- migrate:up
CREATE TYPE auditeventtype AS ENUM (
    'server_registered', 'server_updated', 'server_decommissioned', 'tool_invoked', 'authorization_allowed',
    'authorization_denied', 'policy_created', 'policy_updated', 'policy_activated', 'user_login', 'user_logout',
    'security_violation');
CREATE TYPE severitylevel AS ENUM ('low', 'medium', 'high', 'critical');

CREATE TABLE audit_events (
    id uuid PRIMARY KEY,
    timestamp timestamptz NOT NULL DEFAULT now(),
    event_type auditeventtype NOT NULL,
    severity severitylevel NOT NULL DEFAULT 'low',
    user_id uuid,
    user_email varchar(255),
    server_id uuid,
    tool_name varchar(255),
    decision varchar(20),
    policy_id uuid,
    ip_address varchar(45),
    user_agent varchar(500),
    request_id varchar(100),
    details jsonb NOT NULL DEFAULT '{}',
    siem_forwarded timestamptz
);
CREATE INDEX ix_audit_events_timestamp ON audit_events (timestamp);
CREATE INDEX ix_audit_events_event_type ON audit_events (event_type);
CREATE INDEX ix_audit_events_user_id ON audit_events (user_id);
CREATE INDEX ix_audit_events_server_id ON audit_events (server_id);
CREATE INDEX ix_audit_events_tool_name ON audit_events (tool_name);
CREATE INDEX ix_audit_events_request_id ON audit_events (request_id);

-- With TimescaleDB a hypertable. Every unique index of one has to hold the time column: the key is widened.
DO $$
DECLARE
    home text := (SELECT p.pronamespace::regnamespace FROM pg_proc p WHERE p.proname = 'create_hypertable' LIMIT 1);
BEGIN
    IF home IS NULL THEN
        RAISE NOTICE 'no TimescaleDB: audit_events stays a plain table';
        RETURN;
    END IF;
    ALTER TABLE audit_events DROP CONSTRAINT audit_events_pkey, ADD PRIMARY KEY (id, timestamp);
    EXECUTE format('SELECT %s.create_hypertable(%L, %L)', home, 'audit_events', 'timestamp');
END
$$;

-- migrate:down
DROP TABLE audit_events;
DROP TYPE severitylevel;
DROP TYPE auditeventtype;
