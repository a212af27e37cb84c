-- Migration V002
-- Description: Add user roles table
-- Author: Orchestrator team
-- Date: 2024-02-05

-- migrate:up
CREATE TABLE IF NOT EXISTS orchestrator.user_roles (
    id uuid PRIMARY KEY DEFAULT public.uuid_generate_v4(),
    name varchar(100) NOT NULL UNIQUE,
    created_at timestamptz DEFAULT now()
);
CREATE INDEX IF NOT EXISTS idx_user_roles_name ON orchestrator.user_roles (name);

CREATE TABLE IF NOT EXISTS orchestrator.users (
    id uuid PRIMARY KEY DEFAULT public.uuid_generate_v4(),
    first_name varchar(100),
    last_name varchar(100),
    role varchar(100),
    status varchar(50),
    created_at timestamptz DEFAULT now()
);

-- migrate:down
DROP TABLE IF EXISTS orchestrator.users;
DROP TABLE IF EXISTS orchestrator.user_roles;
