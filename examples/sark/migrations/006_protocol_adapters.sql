-- Migration: Resources and capabilities, whatever the protocol
-- ID: 006_protocol_adapters
-- Author: SARK team
-- Dependencies: 005_gateway_audit

-- migrate:up
CREATE TABLE resources (
    id varchar(255) PRIMARY KEY,
    name varchar(255) NOT NULL,
    protocol varchar(50) NOT NULL,
    endpoint varchar(1000) NOT NULL,
    sensitivity_level varchar(20) NOT NULL DEFAULT 'medium',
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE capabilities (
    id varchar(255) PRIMARY KEY,
    resource_id varchar(255) NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    description text,
    input_schema jsonb NOT NULL DEFAULT '{}',
    output_schema jsonb NOT NULL DEFAULT '{}',
    sensitivity_level varchar(20) NOT NULL DEFAULT 'medium',
    metadata jsonb NOT NULL DEFAULT '{}'
);

-- A basic copy, so that v2 is not empty when it appears. Metadata stays '{}': that is how rules/v2.yaml, which brings
-- everything, tells a row that was only copied from one that it has done.
INSERT INTO resources (id, name, protocol, endpoint, sensitivity_level, created_at, updated_at)
SELECT id::text, name, 'mcp', coalesce(command, endpoint), sensitivity_level::text, created_at, updated_at
  FROM mcp_servers
 WHERE coalesce(command, endpoint) IS NOT NULL
    ON CONFLICT (id) DO NOTHING;
INSERT INTO capabilities (id, resource_id, name, description, sensitivity_level)
SELECT t.id::text, t.server_id::text, t.name, t.description, t.sensitivity_level::text
  FROM mcp_tools t
  JOIN resources r ON r.id = t.server_id::text
    ON CONFLICT (id) DO NOTHING;

CREATE INDEX ix_resources_protocol ON resources (protocol);
CREATE INDEX ix_resources_sensitivity ON resources (sensitivity_level);
CREATE INDEX ix_resources_name ON resources (name);
CREATE INDEX ix_resources_metadata_gin ON resources USING gin (metadata);
CREATE INDEX ix_capabilities_resource ON capabilities (resource_id);
CREATE INDEX ix_capabilities_name ON capabilities (name);
CREATE INDEX ix_capabilities_sensitivity ON capabilities (sensitivity_level);
CREATE INDEX ix_capabilities_metadata_gin ON capabilities USING gin (metadata);

-- migrate:down
DROP INDEX ix_capabilities_metadata_gin, ix_capabilities_sensitivity, ix_capabilities_name, ix_capabilities_resource;
DROP INDEX ix_resources_metadata_gin, ix_resources_name, ix_resources_sensitivity, ix_resources_protocol;
DROP TABLE capabilities;
DROP TABLE resources;
