ALTER TABLE s.a RENAME COLUMN b TO "c d"; /* renamed from: b */
-- renamed from: x
CREATE UNIQUE INDEX i ON t (a);
ALTER TABLE a ADD CONSTRAINT d CHECK (true), ADD e int; -- renamed from: s.a.e