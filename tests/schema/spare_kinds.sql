-- Objects that nothing else needs, so that they can be dropped alone.
CREATE TYPE app.loose_pair AS (a integer, b text);
CREATE SERVER spare FOREIGN DATA WRAPPER checked;
CREATE FOREIGN TABLE app.remote_spare (i integer) SERVER "far away";
ALTER TABLE app.a_first ADD COLUMN note text;
CREATE TABLE app.spread_two PARTITION OF app.spread FOR VALUES IN (2);
CREATE TABLE app.empty_parts (id integer) PARTITION BY LIST (id);
CREATE OPERATOR FAMILY app.spare_family USING btree;
CREATE TEXT SEARCH PARSER app.spare_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH DICTIONARY app.spare_words (TEMPLATE = pg_catalog.simple);
CREATE FUNCTION app.on_other_command() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FOREIGN DATA WRAPPER unused;
CREATE TABLE app.parted (id integer, what text, CONSTRAINT parted_pkey PRIMARY KEY (id)) PARTITION BY LIST (id);
CREATE INDEX parted_what ON app.parted (what);
CREATE TABLE app.part_one PARTITION OF app.parted FOR VALUES IN (1);
ALTER INDEX app.part_one_what_idx RENAME TO "What of one";
CREATE TABLE app.part_rest PARTITION OF app.parted DEFAULT PARTITION BY LIST (id);
CREATE TABLE app.part_two PARTITION OF app.part_rest FOR VALUES IN (2);
