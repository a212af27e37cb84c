-- Migration: Keys for programs
-- ID: 002_api_keys
-- Author: SARK team
-- Dependencies: 001_initial

-- migrate:up
-- Times without a zone, as the service writes them; `rate_limit` is in requests a minute.
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    team_id uuid,
    name varchar(255) NOT NULL,
    description text,
    key_prefix varchar(16) NOT NULL,
    key_hash varchar(255) NOT NULL,
    scopes text[] NOT NULL DEFAULT '{}',
    rate_limit integer NOT NULL DEFAULT 1000,
    is_active boolean NOT NULL DEFAULT true,
    expires_at timestamp,
    last_used_at timestamp,
    last_used_ip varchar(45),
    usage_count integer NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL DEFAULT now(),
    updated_at timestamp NOT NULL DEFAULT now(),
    revoked_at timestamp,
    revoked_by uuid
);
CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);
CREATE INDEX ix_api_keys_team_id ON api_keys (team_id);
CREATE UNIQUE INDEX ix_api_keys_key_prefix ON api_keys (key_prefix);
CREATE INDEX ix_api_keys_is_active ON api_keys (is_active);
CREATE INDEX ix_api_keys_expires_at ON api_keys (expires_at);

-- migrate:down
DROP TABLE api_keys;
