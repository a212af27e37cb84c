# SPDX-License-Identifier: Apache-2.0
"""Made-up SQLite schemas: tables, columns, keys, checks, foreign keys, indexes,
views, triggers and virtual tables with all that can be said of them; others not
far away from them; and their rows."""
import copy

ROWS = 5
ODD = ["plain", "Upper", "with space", 'quo"te', "select", "ünïcode", "a.b"]
TYPES = ["INTEGER", "TEXT", "REAL", "NUMERIC(10, 2)", "VARCHAR(20)", "BLOB", "", "double precision"]
STRICT = ["INTEGER", "INT", "TEXT", "REAL", "BLOB", "ANY"]
CONFLICT = ["", "", "", " ON CONFLICT IGNORE", " ON CONFLICT REPLACE", " ON CONFLICT ROLLBACK"]
ACTIONS = ["", " ON DELETE CASCADE", " ON UPDATE CASCADE ON DELETE SET NULL", " ON DELETE RESTRICT", " ON UPDATE SET DEFAULT",
           " ON DELETE NO ACTION ON UPDATE RESTRICT"]
KEYS = ["auto", "rowid", "desc", "plain", "none", "pair"]


def q(name):
    return '"%s"' % name.replace('"', '""')


class Maker:
    owners = False

    def __init__(self, rng):
        self.rng, self.serial = rng, 0

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, *options):
        return self.rng.choice(options)

    def name(self, prefix):
        self.serial += 1
        return "%s%d%s" % (prefix, self.serial, self.rng.choice(ODD) if self.chance(0.2) else "")

    # ---- what is rolled -------------------------------------------------------------------

    def column(self, strict):
        c = {"name": self.name("c"), "type": self.rng.choice(STRICT if strict else TYPES)}
        self.vary_column(c)
        return c

    def vary_column(self, c):
        c.update(not_null=self.chance(0.3), conflict=self.rng.choice(CONFLICT), collate=self.pick(None, None, None, "NOCASE", "RTRIM"),
                 default=self.pick(None, None, "7", "'7'", "-1", "(3 + 4)", "'it''s'", "NULL", "CURRENT_TIMESTAMP", "(abs(-5))"),
                 check=self.pick(None, None, None, None, "", self.name("ck")), unique=self.chance(0.08))
        if c["type"] in ("BLOB", "INT", "INTEGER", "REAL"):
            c["default"] = self.pick(None, "7", "(3 + 4)") if c["type"] != "BLOB" else self.pick(None, "X'07'")

    def table(self, others):
        strict = self.chance(0.2)
        t = {"name": self.name("t"), "strict": strict, "key": self.rng.choice(KEYS), "key_conflict": self.rng.choice(CONFLICT),
             "columns": [self.column(strict) for _ in range(self.rng.randint(1, 6))], "generated": [], "unique": [], "checks": [],
             "indexes": [], "foreign": [], "triggers": [], "views": [], "without_rowid": False, "fts": None}
        t["without_rowid"] = t["key"] in ("plain", "pair") and self.chance(0.3)
        self.parts(t, others)
        return t

    def parts(self, t, others):
        names = [c["name"] for c in t["columns"]]
        some = lambda: self.rng.sample(names, self.rng.randint(1, min(2, len(names))))  # noqa: E731
        t["generated"] = [{"name": self.name("g"), "stored": self.chance(0.5), "of": self.pick("id + 1", "id * 2", "'x' || id"),
                           "not_null": self.chance(0.2)} for _ in range(self.pick(0, 0, 0, 1, 2))]
        t["unique"] = [{"name": self.pick(None, self.name("u")), "columns": some(), "conflict": self.rng.choice(CONFLICT)}
                       for _ in range(self.pick(0, 0, 0, 1))]
        t["checks"] = [{"name": self.pick(None, self.name("ck")), "text": self.pick("id > -7", "id < 100000 OR id IS NULL", "length(id) < 99")}
                       for _ in range(self.pick(0, 0, 1))]
        t["indexes"] = [self.index(some()) for _ in range(self.rng.randint(0, 3))]
        t["triggers"] = [self.trigger() for _ in range(self.pick(0, 0, 1, 2))]
        t["views"] = [{"name": self.name("v"), "named": self.chance(0.3), "where": self.chance(0.3), "columns": self.rng.randint(0, 2),
                       "chain": self.chance(0.3), "instead": self.chance(0.3)} for _ in range(self.pick(0, 0, 1))]
        t["fts"] = self.pick(None, None, None, None, self.name("f"))
        keyed = [o["name"] for o in others if o["key"] in ("auto", "rowid", "plain")]
        for _ in range(self.pick(0, 1, 1) if keyed else 0):
            t["foreign"].append({"column": self.name("ref"), "table": self.rng.choice(keyed), "action": self.rng.choice(ACTIONS),
                                 "timing": self.pick("", "", " DEFERRABLE INITIALLY DEFERRED", " DEFERRABLE"), "named": self.pick(None, self.name("fk")),
                                 "beside": self.chance(0.5)})

    def index(self, columns):
        return {"name": self.name("i"), "columns": columns, "unique": self.chance(0.1), "where": self.chance(0.3), "desc": self.chance(0.3),
                "expression": self.chance(0.2), "collate": self.pick(None, None, "NOCASE")}

    def trigger(self):
        return {"name": self.name("trg"), "moment": self.pick("BEFORE", "AFTER"), "event": self.pick("INSERT", "DELETE", "UPDATE", "UPDATE OF id"),
                "when": self.chance(0.5), "two": self.chance(0.3)}

    def virtual(self):
        return {"name": self.name("vt"), "virtual": self.pick("fts5", "fts5", "rtree"), "options": self.pick("", ", tokenize = 'porter'", ", prefix = '2'")}

    def schema(self):
        tables = []
        for _ in range(self.rng.randint(1, 4)):
            tables.append(self.table(tables))
        if self.chance(0.2):
            tables.append(self.virtual())
        return tables

    # ---- another schema, not far away --------------------------------------------------------

    def changed(self, schema):
        b = copy.deepcopy(schema)
        for _ in range(self.rng.randint(1, 6)):
            tables = [t for t in b if "virtual" not in t]
            change = self.pick(self.add_column, self.drop_column, self.change_column, self.change_column, self.change_parts, self.change_part,
                               self.change_kind, self.add_table, self.drop_table, self.flip_virtual)
            if tables:
                change(b, self.rng.choice(tables))
        return b

    def add_column(self, b, t):
        t["columns"].insert(self.rng.randint(0, len(t["columns"])), self.column(t["strict"]))

    def drop_column(self, b, t):
        if len(t["columns"]) < 2:
            return
        gone = t["columns"].pop(self.rng.randrange(len(t["columns"])))["name"]
        for parts in ("unique", "indexes"):
            t[parts] = [p for p in t[parts] if gone not in p["columns"]]

    def change_column(self, b, t):
        c = self.rng.choice(t["columns"])
        if self.chance(0.4):
            c["type"] = self.rng.choice(STRICT if t["strict"] else TYPES)
        fresh = dict(c)
        self.vary_column(fresh)
        c.update({k: v for k, v in sorted(fresh.items()) if self.chance(0.6)})

    def change_parts(self, b, t):
        keep = t["foreign"]
        self.parts(t, [])
        t["foreign"] = keep if self.chance(0.6) else []

    def change_part(self, b, t):
        group = self.pick("indexes", "triggers", "foreign", "generated", "checks", "views")
        if not t[group]:
            return
        part = self.rng.choice(t[group])
        if self.chance(0.3):
            t[group].remove(part)
        elif group == "indexes":
            part.update(unique=False, where=self.chance(0.5), desc=self.chance(0.5))
        elif group == "triggers":
            part.update(when=self.chance(0.5), two=self.chance(0.5))
        elif group == "foreign":
            part.update(action=self.rng.choice(ACTIONS), timing=self.pick("", " DEFERRABLE INITIALLY DEFERRED"))
        elif group == "generated":
            part.update(stored=self.chance(0.5), of=self.pick("id + 1", "id * 2"))
        elif group == "views":
            part.update(where=self.chance(0.5), columns=self.rng.randint(0, 2), instead=self.chance(0.3))

    def change_kind(self, b, t):
        if any(f["table"] == t["name"] for o in b if "virtual" not in o for f in o["foreign"]):
            return
        t["key"] = self.rng.choice(KEYS)
        t["without_rowid"] = t["key"] in ("plain", "pair") and self.chance(0.3)
        if self.chance(0.3) and all(c["type"] in STRICT for c in t["columns"]):
            t["strict"] = not t["strict"]

    def add_table(self, b, t):
        b.append(self.table([o for o in b if "virtual" not in o]))

    def drop_table(self, b, t):
        b.remove(t)
        for o in b:
            if "virtual" not in o:
                o["foreign"] = [f for f in o["foreign"] if f["table"] != t["name"]]

    def flip_virtual(self, b, t):
        there = [o for o in b if "virtual" in o]
        if there and self.chance(0.5):
            b.remove(there[0])
        else:
            b.append(self.virtual())

    # ---- as SQL --------------------------------------------------------------------------------

    def column_sql(self, c):
        text = q(c["name"]) + (" " + c["type"] if c["type"] else "")
        text += " COLLATE " + c["collate"] if c["collate"] else ""
        text += " DEFAULT " + c["default"] if c["default"] else ""
        text += " NOT NULL" + c["conflict"] if c["not_null"] else ""
        text += " UNIQUE" if c["unique"] else ""
        if c["check"] is not None:
            text += " %sCHECK (CAST(%s AS TEXT) <> 'never')" % ("CONSTRAINT %s " % q(c["check"]) if c["check"] else "", q(c["name"]))
        return text

    def key_sql(self, t):
        integer = "INTEGER" if t["strict"] else "INT"
        return {"auto": "id INTEGER PRIMARY KEY%s AUTOINCREMENT" % t["key_conflict"], "rowid": "id INTEGER PRIMARY KEY%s" % t["key_conflict"],
                "desc": "id INTEGER PRIMARY KEY DESC", "plain": "id %s NOT NULL PRIMARY KEY%s" % (integer, t["key_conflict"]),
                "none": "id INTEGER", "pair": "id INTEGER NOT NULL"}[t["key"]]

    def table_sql(self, t):
        named = lambda n: "CONSTRAINT %s " % q(n) if n else ""  # noqa: E731
        reference = lambda f: "REFERENCES %s (id)%s%s" % (q(f["table"]), f["action"], f["timing"])  # noqa: E731
        parts = [self.key_sql(t)] + [self.column_sql(c) for c in t["columns"]]
        parts += ["%s %s GENERATED ALWAYS AS (%s) %s%s" % (q(g["name"]), "ANY" if t["strict"] else "", g["of"], "STORED" if g["stored"] else "VIRTUAL",
                                                        " NOT NULL" if g["not_null"] and t["key"] != "none" else "") for g in t["generated"]]
        parts += ["%s INTEGER%s" % (q(f["column"]), " " + named(f["named"]) + reference(f) if f["beside"] else "") for f in t["foreign"]]
        if t["key"] == "pair":
            parts.append("PRIMARY KEY (id, %s DESC)%s" % (q(t["columns"][0]["name"]), t["key_conflict"]))
        parts += ["%sUNIQUE (%s)%s" % (named(u["name"]), ", ".join(q(c) for c in u["columns"]), u["conflict"]) for u in t["unique"]]
        parts += ["%sCHECK (%s)" % (named(c["name"]), c["text"]) for c in t["checks"]]
        parts += ["%sFOREIGN KEY (%s) %s" % (named(f["named"]), q(f["column"]), reference(f)) for f in t["foreign"] if not f["beside"]]
        options = ["WITHOUT ROWID"] if t["without_rowid"] else []
        options += ["STRICT"] if t["strict"] else []
        return "CREATE TABLE %s (\n  %s\n)%s" % (q(t["name"]), ",\n  ".join(parts), " " + ", ".join(options) if options else "")

    def index_sql(self, t, i):
        columns = [q(c) + (" COLLATE " + i["collate"] if i["collate"] else "") + (" DESC" if i["desc"] else "") for c in i["columns"]]
        if i["expression"]:
            columns.append("(CAST(%s AS TEXT) || 'x')" % q(i["columns"][0]))
        return "CREATE %sINDEX %s ON %s (%s)%s" % ("UNIQUE " if i["unique"] else "", q(i["name"]), q(t["name"]), ", ".join(columns),
                                                  " WHERE id > 0" if i["where"] else "")

    def trigger_sql(self, t, x):
        row = "OLD" if x["event"] == "DELETE" else "NEW"
        return "CREATE TRIGGER %s %s %s ON %s%s BEGIN SELECT RAISE(IGNORE) WHERE %s.id < -99;%s END" % (
            q(x["name"]), x["moment"], x["event"], q(t["name"]), " WHEN %s.id < -9" % row if x["when"] else "", row,
            " UPDATE %s SET id = id WHERE id = -99 AND ';' <> 'end';" % q(t["name"]) if x["two"] else "")

    def view_sql(self, t, v):
        columns = ["id"] + [q(c["name"]) for c in t["columns"][:v["columns"]]]
        out = ["CREATE VIEW %s%s AS SELECT %s FROM %s%s" % (q(v["name"]), " (%s)" % ", ".join("n%d" % i for i in range(len(columns))) if v["named"] else "",
                                                            ", ".join(columns), q(t["name"]), " WHERE id > 0" if v["where"] else "")]
        if v["chain"]:
            out.append("CREATE VIEW %s AS SELECT count(*) AS n FROM %s" % (q(v["name"] + " on"), q(v["name"])))
        if v["instead"]:
            out.append("CREATE TRIGGER %s INSTEAD OF INSERT ON %s BEGIN SELECT 1; END" % (q(v["name"] + " trg"), q(v["name"])))
        return out

    def virtual_sql(self, t):
        if t["virtual"] == "rtree":
            return "CREATE VIRTUAL TABLE %s USING rtree(id, low, high)" % q(t["name"])
        return "CREATE VIRTUAL TABLE %s USING fts5(title, body%s)" % (q(t["name"]), t["options"])

    def has_fts(self, t):
        return t["fts"] and t["key"] in ("auto", "rowid")

    def statements(self, schema):
        real = [t for t in schema if "virtual" not in t]
        out = [self.virtual_sql(t) if "virtual" in t else self.table_sql(t) for t in schema]
        for t in real:
            out += [self.index_sql(t, i) for i in t["indexes"]]
            for v in t["views"]:
                out += self.view_sql(t, v)
            out += [self.trigger_sql(t, x) for x in t["triggers"]]
            if self.has_fts(t):
                out.append("CREATE VIRTUAL TABLE %s USING fts5(%s, content=%s, content_rowid='id')" % (
                    q(t["fts"]), q(t["columns"][0]["name"]), q(t["name"])))
        return out

    # ---- rows ------------------------------------------------------------------------------------

    def value(self, c, n):
        return "X'0%d'" % n if c["type"] == "BLOB" else "'%d'" % n if c["type"] in ("TEXT", "VARCHAR(20)", "ANY", "") else str(n)

    def can_have_rows(self, t, target):
        """Would rows stop the change for a good reason: a column that needs a value of its own for each?"""
        new = next((x for x in target if x["name"] == t["name"]), None)
        if not new or "virtual" in new:
            return True
        old = {c["name"]: c for c in t["columns"]}
        for n, c in enumerate(new["columns"]):
            keyed = c["unique"] or any(c["name"] in u["columns"] for u in new["unique"]) or (new["key"] == "pair" and n == 0)
            keyed = keyed or any(i["unique"] and c["name"] in i["columns"] for i in new["indexes"])
            if c["name"] not in old and (keyed or c["not_null"]):
                return False
            if c["name"] in old and (new["strict"] or keyed) and c["type"] != old[c["name"]]["type"]:
                return False
        return new["strict"] == t["strict"]

    def rows(self, schema, target):
        out, full = [], {t["name"] for t in schema if "virtual" not in t and self.can_have_rows(t, target)}
        for t in schema:
            if "virtual" in t:
                values = "(rowid, title, body) VALUES (%d, 'a', 'b')" if t["virtual"] == "fts5" else "VALUES (%d, 1, 2)"
                out += [("INSERT INTO %s " + values) % (q(t["name"]).replace("%", "%%"), n) for n in range(1, ROWS + 1)]
                continue
            # A row refers to rows of the table it needs.
            if t["name"] not in full or any(f["table"] not in full for f in t["foreign"]):
                full.discard(t["name"])
                continue
            names = ["id"] + [q(c["name"]) for c in t["columns"]] + [q(f["column"]) for f in t["foreign"]]
            for n in range(1, ROWS + 1):
                values = [str(n)] + [self.value(c, n) for c in t["columns"]] + [str(n)] * len(t["foreign"])
                out.append("INSERT INTO %s (%s) VALUES (%s)" % (q(t["name"]), ", ".join(names), ", ".join(values)))
            if t["key"] == "auto":
                out.append("UPDATE sqlite_sequence SET seq = 77 WHERE name = '%s'" % t["name"])
        return out

    def alike(self, a, b):
        """Per table the columns that both have, of one type."""
        for t in a:
            other = next((x for x in b if x["name"] == t["name"]), None)
            if not other or ("virtual" in t) != ("virtual" in other):
                continue
            if "virtual" in t:
                if t == other:
                    yield q(t["name"]), ["rowid"] + (["title", "body"] if t["virtual"] == "fts5" else ["id", "low", "high"])
                continue
            types = {c["name"]: c["type"] for c in other["columns"]}
            columns = ["id"] + [c["name"] for c in t["columns"] if types.get(c["name"]) == c["type"]]
            if not t["without_rowid"] and not other["without_rowid"] and other["key"] == t["key"]:
                columns.append("rowid")
            yield q(t["name"]), columns
            if t["key"] == "auto" and other["key"] == "auto":
                yield "(SELECT seq FROM sqlite_sequence WHERE name = '%s')" % t["name"], ["seq"]
