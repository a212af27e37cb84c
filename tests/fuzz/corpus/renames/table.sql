CREATE TABLE customers ( -- renamed from: users
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- renamed from: name
  full_name text NOT NULL,
  mail text UNIQUE,
  note text,
  CHECK (full_name <> '')
);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id int REFERENCES customers(id));
CREATE INDEX users_name ON customers(full_name);
CREATE VIEW v AS SELECT full_name FROM customers;
CREATE TRIGGER t AFTER INSERT ON customers BEGIN UPDATE customers SET mail = new.full_name WHERE id = new.id; END;
