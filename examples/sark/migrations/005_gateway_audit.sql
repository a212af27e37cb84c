-- Migration: What the gateway decided
-- ID: 005_gateway_audit
-- Author: SARK team
-- Dependencies: 004_audit_events

-- migrate:up
CREATE TABLE gateway_audit_events (
    id varchar PRIMARY KEY,
    event_type varchar(50) NOT NULL,
    user_id varchar,
    agent_id varchar,
    server_name varchar,
    tool_name varchar,
    decision varchar(10) NOT NULL,
    reason text NOT NULL,
    timestamp timestamp NOT NULL,
    gateway_request_id varchar NOT NULL,
    metadata jsonb DEFAULT '{}',
    created_at timestamp NOT NULL DEFAULT now()
);
CREATE INDEX ix_gateway_audit_user_id ON gateway_audit_events (user_id);
CREATE INDEX ix_gateway_audit_timestamp ON gateway_audit_events (timestamp);
CREATE INDEX ix_gateway_audit_decision ON gateway_audit_events (decision);
CREATE INDEX ix_gateway_audit_event_type ON gateway_audit_events (event_type);
CREATE INDEX ix_gateway_audit_server_name ON gateway_audit_events (server_name);
CREATE INDEX ix_gateway_audit_tool_name ON gateway_audit_events (tool_name);
CREATE INDEX ix_gateway_audit_request_id ON gateway_audit_events (gateway_request_id);

DO $$
DECLARE
    home text := (SELECT p.pronamespace::regnamespace FROM pg_proc p WHERE p.proname = 'create_hypertable' LIMIT 1);
BEGIN
    IF home IS NULL THEN
        RAISE NOTICE 'no TimescaleDB: gateway_audit_events stays a plain table';
        RETURN;
    END IF;
    ALTER TABLE gateway_audit_events DROP CONSTRAINT gateway_audit_events_pkey, ADD PRIMARY KEY (id, timestamp);
    EXECUTE format('SELECT %s.create_hypertable(%L, %L)', home, 'gateway_audit_events', 'timestamp');
END
$$;

-- migrate:down
DROP TABLE gateway_audit_events;
