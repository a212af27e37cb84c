-- Migration: Federation, costs, budgets
-- ID: 007_federation
-- Author: SARK team
-- Dependencies: 006_protocol_adapters

-- migrate:up
CREATE TABLE federation_nodes (
    id uuid PRIMARY KEY,
    node_id varchar(255) NOT NULL,
    name varchar(255) NOT NULL,
    endpoint varchar(500) NOT NULL,
    trust_anchor_cert text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    trusted_since timestamptz NOT NULL DEFAULT now(),
    rate_limit_per_hour integer DEFAULT 10000,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ix_federation_nodes_node_id ON federation_nodes (node_id);
CREATE INDEX ix_federation_nodes_enabled ON federation_nodes (enabled) WHERE enabled = true;

-- No foreign keys: costs outlive what they were spent on. The key holds the time, as a hypertable's has to.
CREATE TABLE cost_tracking (
    id bigserial,
    timestamp timestamptz NOT NULL DEFAULT now(),
    principal_id varchar(255) NOT NULL,
    resource_id varchar(255) NOT NULL,
    capability_id varchar(255) NOT NULL,
    estimated_cost numeric(10, 4),
    actual_cost numeric(10, 4),
    metadata jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, timestamp)
);
CREATE INDEX ix_cost_tracking_timestamp ON cost_tracking (timestamp);
CREATE INDEX ix_cost_tracking_principal ON cost_tracking (principal_id);
CREATE INDEX ix_cost_tracking_resource ON cost_tracking (resource_id);
CREATE INDEX ix_cost_tracking_capability ON cost_tracking (capability_id);

DO $$
DECLARE
    home text := (SELECT p.pronamespace::regnamespace FROM pg_proc p WHERE p.proname = 'create_hypertable' LIMIT 1);
BEGIN
    IF home IS NULL THEN
        RAISE NOTICE 'no TimescaleDB: cost_tracking stays a plain table';
        RETURN;
    END IF;
    EXECUTE format('SELECT %s.create_hypertable(%L, %L)', home, 'cost_tracking', 'timestamp');
END
$$;

CREATE TABLE principal_budgets (
    principal_id varchar(255) PRIMARY KEY,
    daily_budget numeric(10, 2),
    monthly_budget numeric(10, 2),
    daily_spent numeric(10, 4) NOT NULL DEFAULT 0,
    monthly_spent numeric(10, 4) NOT NULL DEFAULT 0,
    last_daily_reset timestamptz,
    last_monthly_reset timestamptz,
    currency varchar(3) NOT NULL DEFAULT 'USD',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE audit_events
    ADD COLUMN principal_org varchar(255),
    ADD COLUMN resource_protocol varchar(50),
    ADD COLUMN capability_id varchar(255),
    ADD COLUMN correlation_id varchar(100),
    ADD COLUMN source_node varchar(255),
    ADD COLUMN target_node varchar(255),
    ADD COLUMN estimated_cost numeric(10, 4),
    ADD COLUMN actual_cost numeric(10, 4);
CREATE INDEX ix_audit_events_correlation ON audit_events (correlation_id);
CREATE INDEX ix_audit_events_principal_org ON audit_events (principal_org);
CREATE INDEX ix_audit_events_source_node ON audit_events (source_node);
CREATE INDEX ix_audit_events_target_node ON audit_events (target_node);
CREATE INDEX ix_audit_events_capability ON audit_events (capability_id);

-- The service uses the values only after this has committed. They stay when 007 is reverted.
ALTER TYPE auditeventtype ADD VALUE IF NOT EXISTS 'cross_org_request';
ALTER TYPE auditeventtype ADD VALUE IF NOT EXISTS 'cross_org_authorization';
ALTER TYPE auditeventtype ADD VALUE IF NOT EXISTS 'cost_limit_exceeded';
ALTER TYPE auditeventtype ADD VALUE IF NOT EXISTS 'federation_node_trusted';
ALTER TYPE auditeventtype ADD VALUE IF NOT EXISTS 'federation_node_revoked';

CREATE MATERIALIZED VIEW mv_daily_cost_summary AS
SELECT (ct.timestamp AT TIME ZONE 'UTC')::date AS date,
       ct.principal_id,
       r.protocol,
       count(*) AS invocation_count,
       sum(ct.actual_cost) AS total_cost,
       avg(ct.actual_cost) AS avg_cost,
       min(ct.actual_cost) AS min_cost,
       max(ct.actual_cost) AS max_cost
  FROM cost_tracking ct
  LEFT JOIN capabilities c ON c.id = ct.capability_id
  LEFT JOIN resources r ON r.id = c.resource_id
 GROUP BY 1, 2, 3;
CREATE INDEX ix_mv_daily_cost_summary_date ON mv_daily_cost_summary (date);
CREATE INDEX ix_mv_daily_cost_summary_principal ON mv_daily_cost_summary (principal_id);
-- REFRESH … CONCURRENTLY wants a unique one.
CREATE UNIQUE INDEX ix_mv_daily_cost_summary_unique ON mv_daily_cost_summary (date, principal_id, protocol);

-- migrate:down
DROP MATERIALIZED VIEW mv_daily_cost_summary;
DROP INDEX ix_audit_events_capability, ix_audit_events_target_node, ix_audit_events_source_node,
    ix_audit_events_principal_org, ix_audit_events_correlation;
ALTER TABLE audit_events
    DROP COLUMN actual_cost,
    DROP COLUMN estimated_cost,
    DROP COLUMN target_node,
    DROP COLUMN source_node,
    DROP COLUMN correlation_id,
    DROP COLUMN capability_id,
    DROP COLUMN resource_protocol,
    DROP COLUMN principal_org;
DROP TABLE principal_budgets;
DROP TABLE cost_tracking;
DROP TABLE federation_nodes;
