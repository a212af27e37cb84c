-- SPDX-License-Identifier: Apache-2.0
-- SARK, as far as its validation suite looks at it: v1 (mcp_servers, mcp_tools) beside the five tables of v2.
CREATE TYPE transporttype AS ENUM ('http', 'stdio', 'sse');
CREATE TYPE sensitivitylevel AS ENUM ('low', 'medium', 'high', 'critical');
CREATE TYPE serverstatus AS ENUM ('registered', 'active', 'inactive', 'unhealthy', 'decommissioned');
CREATE TABLE mcp_servers (
	id uuid PRIMARY KEY, name varchar(255) NOT NULL, description varchar(1000), transport transporttype NOT NULL,
	endpoint varchar(500), command varchar(500), mcp_version varchar(20) NOT NULL DEFAULT '2025-06-18',
	capabilities jsonb NOT NULL DEFAULT '[]', sensitivity_level sensitivitylevel NOT NULL DEFAULT 'medium',
	status serverstatus NOT NULL DEFAULT 'registered', tags jsonb NOT NULL DEFAULT '[]',
	extra_metadata jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE mcp_tools (
	id uuid PRIMARY KEY, server_id uuid NOT NULL REFERENCES mcp_servers (id) ON DELETE CASCADE,
	name varchar(255) NOT NULL, description text, parameters jsonb NOT NULL DEFAULT '{}',
	sensitivity_level sensitivitylevel NOT NULL DEFAULT 'medium', requires_approval boolean NOT NULL DEFAULT false,
	invocation_count integer NOT NULL DEFAULT 0, last_invoked timestamptz, extra_metadata jsonb NOT NULL DEFAULT '{}');
CREATE INDEX ix_mcp_tools_server_id ON mcp_tools (server_id);
CREATE TABLE resources (
	id varchar(255) PRIMARY KEY, name varchar(255) NOT NULL, protocol varchar(50) NOT NULL,
	endpoint varchar(1000) NOT NULL, sensitivity_level varchar(20) NOT NULL DEFAULT 'medium',
	metadata jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ix_resources_protocol ON resources (protocol);
CREATE INDEX ix_resources_sensitivity ON resources (sensitivity_level);
CREATE INDEX ix_resources_name ON resources (name);
CREATE INDEX ix_resources_metadata_gin ON resources USING gin (metadata);
CREATE TABLE capabilities (
	id varchar(255) PRIMARY KEY,
	resource_id varchar(255) NOT NULL CONSTRAINT fk_resource REFERENCES resources (id) ON DELETE CASCADE,
	name varchar(255) NOT NULL, description text, input_schema jsonb NOT NULL DEFAULT '{}',
	output_schema jsonb NOT NULL DEFAULT '{}', sensitivity_level varchar(20) NOT NULL DEFAULT 'medium',
	metadata jsonb NOT NULL DEFAULT '{}');
CREATE INDEX ix_capabilities_resource ON capabilities (resource_id);
CREATE INDEX ix_capabilities_name ON capabilities (name);
CREATE INDEX ix_capabilities_sensitivity ON capabilities (sensitivity_level);
CREATE INDEX ix_capabilities_metadata_gin ON capabilities USING gin (metadata);
CREATE TABLE federation_nodes (
	id uuid PRIMARY KEY, node_id varchar(255) NOT NULL, name varchar(255) NOT NULL, endpoint varchar(500) NOT NULL,
	trust_anchor_cert text NOT NULL, enabled boolean NOT NULL DEFAULT true,
	trusted_since timestamptz NOT NULL DEFAULT now(), rate_limit_per_hour integer DEFAULT 10000,
	metadata jsonb NOT NULL DEFAULT '{}');
CREATE UNIQUE INDEX ix_federation_nodes_node_id ON federation_nodes (node_id);
CREATE INDEX ix_federation_nodes_enabled ON federation_nodes (enabled) WHERE enabled = true;
CREATE TABLE cost_tracking (
	id bigserial, timestamp timestamptz NOT NULL DEFAULT now(), principal_id varchar(255) NOT NULL,
	resource_id varchar(255) NOT NULL, capability_id varchar(255) NOT NULL, estimated_cost numeric(10,4),
	actual_cost numeric(10,4), metadata jsonb NOT NULL DEFAULT '{}', PRIMARY KEY (id, timestamp));
CREATE INDEX ix_cost_tracking_timestamp ON cost_tracking (timestamp);
CREATE INDEX ix_cost_tracking_principal ON cost_tracking (principal_id);
CREATE TABLE principal_budgets (
	principal_id varchar(255) PRIMARY KEY, daily_budget numeric(10,2), monthly_budget numeric(10,2),
	daily_spent numeric(10,4) NOT NULL DEFAULT 0, monthly_spent numeric(10,4) NOT NULL DEFAULT 0,
	currency varchar(3) NOT NULL DEFAULT 'USD');
