-- Migration: Users, teams, MCP servers and their tools
-- ID: 001_initial
-- Author: SARK team
-- Dependencies: none

-- migrate:up
CREATE TYPE transporttype AS ENUM ('http', 'stdio', 'sse');
CREATE TYPE sensitivitylevel AS ENUM ('low', 'medium', 'high', 'critical');
CREATE TYPE serverstatus AS ENUM ('registered', 'active', 'inactive', 'unhealthy', 'decommissioned');

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email varchar(255) NOT NULL,
    full_name varchar(255) NOT NULL,
    hashed_password varchar(255) NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    is_admin boolean NOT NULL DEFAULT false,
    role varchar(50) NOT NULL DEFAULT 'developer',
    extra_metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ix_users_email ON users (email);

CREATE TABLE teams (
    id uuid PRIMARY KEY,
    name varchar(255) NOT NULL,
    description varchar(1000),
    extra_metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ix_teams_name ON teams (name);

CREATE TABLE user_teams (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, team_id)
);
CREATE INDEX ix_user_teams_user_id ON user_teams (user_id);
CREATE INDEX ix_user_teams_team_id ON user_teams (team_id);

-- `command` is for stdio, `endpoint` for http and sse; a server may lack both.
CREATE TABLE mcp_servers (
    id uuid PRIMARY KEY,
    name varchar(255) NOT NULL,
    description varchar(1000),
    transport transporttype NOT NULL,
    endpoint varchar(500),
    command varchar(500),
    mcp_version varchar(20) NOT NULL DEFAULT '2025-06-18',
    capabilities jsonb NOT NULL DEFAULT '[]',
    sensitivity_level sensitivitylevel NOT NULL DEFAULT 'medium',
    signature varchar(1000),
    status serverstatus NOT NULL DEFAULT 'registered',
    health_endpoint varchar(500),
    last_health_check timestamptz,
    owner_id uuid REFERENCES users (id) ON DELETE SET NULL,
    team_id uuid REFERENCES teams (id) ON DELETE SET NULL,
    consul_id varchar(255),
    tags jsonb NOT NULL DEFAULT '[]',
    extra_metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_mcp_servers_name ON mcp_servers (name);
CREATE INDEX ix_mcp_servers_owner_id ON mcp_servers (owner_id);
CREATE INDEX ix_mcp_servers_team_id ON mcp_servers (team_id);
CREATE UNIQUE INDEX ix_mcp_servers_consul_id ON mcp_servers (consul_id);

-- The first edition of this file called `parameters` parameters_schema and had no columns for usage, which every
-- later step reads.
CREATE TABLE mcp_tools (
    id uuid PRIMARY KEY,
    server_id uuid NOT NULL REFERENCES mcp_servers (id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    description text,
    parameters jsonb NOT NULL DEFAULT '{}',
    sensitivity_level sensitivitylevel NOT NULL DEFAULT 'medium',
    requires_approval boolean NOT NULL DEFAULT false,
    signature varchar(1000),
    invocation_count integer NOT NULL DEFAULT 0,
    last_invoked timestamptz,
    extra_metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_mcp_tools_server_id ON mcp_tools (server_id);
CREATE INDEX ix_mcp_tools_name ON mcp_tools (name);

-- migrate:down
DROP TABLE mcp_tools;
DROP TABLE mcp_servers;
DROP TABLE user_teams;
DROP TABLE teams;
DROP TABLE users;
DROP TYPE serverstatus;
DROP TYPE sensitivitylevel;
DROP TYPE transporttype;
