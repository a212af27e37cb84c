-- SPDX-License-Identifier: Apache-2.0
-- case: foreign-key-not-valid fires
ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;
-- case: foreign-key-not-valid fires
ALTER TABLE a ADD COLUMN b_id bigint DEFAULT 1 REFERENCES b (id);
-- case: foreign-key-not-valid quiet
ALTER TABLE a ADD COLUMN b_id bigint REFERENCES b (id);
-- case: foreign-key-not-valid quiet
ALTER TABLE a ADD COLUMN b_id bigint DEFAULT NULL REFERENCES b (id);
-- case: foreign-key-not-valid quiet
CREATE TABLE a (id bigint, b_id bigint);
ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;
-- case: check-not-valid fires
ALTER TABLE a ADD CHECK (x > 0), ADD COLUMN y int;
-- case: check-not-valid fires
ALTER TABLE a ADD COLUMN x int CHECK (x > 0);
-- case: check-not-valid quiet
CREATE TABLE a (x int CHECK (x > 0), CONSTRAINT y CHECK (x < 9));
-- case: validate-separately fires
ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c NOT VALID;
CREATE VIEW v AS SELECT 1;
ALTER TABLE a VALIDATE CONSTRAINT f;
-- case: validate-separately quiet
-- file: V001__a.sql
ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c NOT VALID;
-- file: V002__b.sql
ALTER TABLE a VALIDATE CONSTRAINT f;
-- case: set-not-null fires
ALTER TABLE app.users ALTER email SET NOT NULL;
-- case: set-not-null fires
ALTER TABLE users ADD CONSTRAINT c CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users ALTER email SET NOT NULL;
-- case: set-not-null fires
-- file: V001__a.sql
ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID;
-- file: V002__b.sql
ALTER TABLE users VALIDATE CONSTRAINT c;
-- file: V003__c.sql
ALTER TABLE users ALTER email SET NOT NULL;
-- case: set-not-null quiet
-- file: V001__a.sql
ALTER TABLE users ADD CONSTRAINT c CHECK ("email" is not NULL) NOT VALID;
-- file: V002__b.sql
ALTER TABLE users VALIDATE CONSTRAINT c;
-- file: V003__c.sql
ALTER TABLE users ALTER email SET NOT NULL;
-- case: set-not-null quiet
CREATE TABLE users (email text);
ALTER TABLE users ALTER email SET NOT NULL;
-- case: unique-using-index fires
ALTER TABLE users ADD UNIQUE (email, name);
-- case: unique-using-index fires
ALTER TABLE users ADD COLUMN email text UNIQUE;
-- case: unique-using-index quiet
CREATE TABLE users (email text UNIQUE, a int, UNIQUE (a));
-- case: primary-key-using-index fires
ALTER TABLE t ADD COLUMN id uuid PRIMARY KEY;
-- case: primary-key-using-index quiet
CREATE TABLE t (id uuid PRIMARY KEY);
CREATE TABLE u (a int, b int, PRIMARY KEY (a, b));
-- case: primary-key-nullable fires
-- file: V001__a.sql
CREATE TABLE t (id bigint, a int);
-- file: V002__b.sql
CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id);
-- file: V003__c.sql
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_id;
-- case: primary-key-nullable quiet
-- file: V001__a.sql
CREATE TABLE t (id bigint NOT NULL, a int);
-- file: V002__b.sql
CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id);
-- file: V003__c.sql
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_id;
-- case: exclusion-constraint fires
ALTER TABLE b ADD EXCLUDE USING gist (room WITH =, during WITH &&);
-- case: exclusion-constraint quiet
CREATE TABLE b (r int4range, EXCLUDE USING gist (r WITH &&));
-- case: foreign-key-index fires
CREATE TABLE b (id bigint PRIMARY KEY);
CREATE TABLE a (x int, b_id bigint, FOREIGN KEY (b_id) REFERENCES b (id));
CREATE INDEX a_x_b ON a (x, b_id);
-- case: foreign-key-index fires
ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b_id) REFERENCES b (id) NOT VALID;
CREATE INDEX CONCURRENTLY a_b ON a (b_id) WHERE live;
-- case: foreign-key-index quiet
-- file: V001__a.sql
ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b_id) REFERENCES b (id) NOT VALID;
-- file: V002__b.sql
CREATE INDEX CONCURRENTLY a_b ON a (b_id, x);
-- case: foreign-key-index quiet
CREATE TABLE a (b_id bigint PRIMARY KEY REFERENCES b (id));
-- case: foreign-key-index quiet
CREATE TABLE user_teams (user_id bigint REFERENCES users, team_id bigint REFERENCES teams, PRIMARY KEY (user_id, team_id));
CREATE INDEX user_teams_team ON user_teams (team_id);
-- case: foreign-key-index quiet
-- whimbrel:ignore foreign-key-index rows of b are never deleted
ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b_id) REFERENCES b (id) NOT VALID;
-- case: foreign-key-index fires sqlite
CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b (id));
-- case: drop-foreign-key fires
-- file: V001__a.sql
CREATE TABLE b (id bigint PRIMARY KEY);
CREATE TABLE a (b_id bigint, CONSTRAINT to_b FOREIGN KEY (b_id) REFERENCES b (id));
-- file: V002__b.sql
ALTER TABLE a DROP CONSTRAINT to_b;
-- case: drop-foreign-key quiet
-- file: V001__a.sql
CREATE TABLE a (x int, CONSTRAINT odd_fkey CHECK (x > 0));
-- file: V002__b.sql
ALTER TABLE a DROP CONSTRAINT odd_fkey;
-- case: domain-constraint fires
ALTER DOMAIN positive ADD CHECK (VALUE > 0);
-- case: domain-constraint fires
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
-- case: domain-constraint quiet
ALTER DOMAIN positive ADD CONSTRAINT p CHECK (VALUE > 0) NOT VALID;
-- case: domain-constraint quiet
CREATE DOMAIN code AS text;
-- case: create-table-foreign-key fires
CREATE TABLE a (b_id bigint, FOREIGN KEY (b_id) REFERENCES b (id));
-- case: create-table-foreign-key quiet
CREATE TABLE b (id bigint PRIMARY KEY);
CREATE TABLE a (b_id bigint REFERENCES b (id), parent bigint REFERENCES a (b_id));
