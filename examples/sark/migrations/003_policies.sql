-- Migration: Policies and their versions
-- ID: 003_policies
-- Author: SARK team
-- Dependencies: 002_api_keys

-- migrate:up
CREATE TYPE policytype AS ENUM ('authorization', 'validation', 'transformation', 'audit');
CREATE TYPE policystatus AS ENUM ('draft', 'active', 'inactive', 'deprecated');

CREATE TABLE policies (
    id uuid PRIMARY KEY,
    name varchar(255) NOT NULL,
    description varchar(1000),
    policy_type policytype NOT NULL DEFAULT 'authorization',
    status policystatus NOT NULL DEFAULT 'draft',
    current_version_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ix_policies_name ON policies (name);

CREATE TABLE policy_versions (
    id uuid PRIMARY KEY,
    policy_id uuid NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    version integer NOT NULL,
    content text NOT NULL,
    is_active boolean NOT NULL DEFAULT false,
    tested boolean NOT NULL DEFAULT false,
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    notes text
);
CREATE INDEX ix_policy_versions_policy_id ON policy_versions (policy_id);
CREATE UNIQUE INDEX ix_policy_versions_version ON policy_versions (policy_id, version);

-- The two tables refer to each other: this reference comes when both are there.
ALTER TABLE policies ADD CONSTRAINT fk_policies_current_version
    FOREIGN KEY (current_version_id) REFERENCES policy_versions (id) ON DELETE SET NULL;

-- migrate:down
ALTER TABLE policies DROP CONSTRAINT fk_policies_current_version;
DROP TABLE policy_versions;
DROP TABLE policies;
DROP TYPE policystatus;
DROP TYPE policytype;
