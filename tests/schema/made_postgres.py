# SPDX-License-Identifier: Apache-2.0
"""Made-up PostgreSQL schemas: objects of every kind that Whimbrel knows, with all
their attributes, and other schemas not far away from them.

An object is a dict of options; what it says of others is a Ref, so that it can
be mended when they are gone. `statements` writes a schema in an order that
works; `rows` fills the tables.
"""
import copy

ODD = ["plain", "Upper", "with space", 'quo"te', "select", "ünïcode", "a.b"]
ROLES = ["reader", "writer", "Odd Role"]
SCHEMAS = ["public", "app", "Odd Schema"]
ROWS = 4

NUMBERS = ["integer", "bigint", "smallint", "numeric(10,2)", "numeric", "double precision"]
TEXTS = ["text", "character varying(20)", "character(6)"]
TIMES = ["date", "timestamp with time zone", "timestamp without time zone"]
OTHERS = ["boolean", "uuid", "jsonb", "bytea", "inet", "interval", "integer[]", "text[]", "point", "tsvector"]
LONG = TEXTS + ["numeric(10,2)", "numeric", "jsonb", "bytea", "inet", "integer[]", "text[]", "tsvector"]
VALUES = {"boolean": "true", "uuid": "'00000000-0000-0000-0000-00000000000%d'", "jsonb": "'{\"a\": %d}'",
          "bytea": "'\\x0%d'", "inet": "'10.0.0.%d'", "interval": "'%d days'", "integer[]": "'{%d}'",
          "text[]": "'{%d}'", "point": "'(%d,1)'", "tsvector": "'a%d'"}


class Ref(str):
    """The name of another object."""


def q(name):
    return '"%s"' % name.replace('"', '""')


def lit(text):
    return "'%s'" % text.replace("'", "''")


def family(kind):
    if isinstance(kind, Ref):
        return kind
    return "number" if kind in NUMBERS else "text" if kind in TEXTS else "time" if kind in TIMES else kind


def value(kind, n):
    """Something that fits the type, as SQL; None when nothing simple does."""
    if isinstance(kind, Ref):
        return None
    if kind in NUMBERS or kind in TEXTS:
        return "'%d'" % n
    if kind in TIMES:
        return "'2020-01-0%d'" % (n % 9 + 1)
    text = VALUES[kind]
    return text % (n % 9) if "%d" in text else text


class Maker:
    def __init__(self, rng):
        self.rng, self.serial = rng, 0

    # ---- small choices ------------------------------------------------------------------

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, *options):
        return self.rng.choice(options)

    def name(self, prefix):
        self.serial += 1
        return "%s%d%s" % (prefix, self.serial, self.rng.choice(ODD) if self.chance(0.15) else "")

    def maybe(self, p, make):
        return make() if self.chance(p) else None

    def ref(self, world, *kinds, **where):
        names = [n for n, o in world.items() if o["kind"] in kinds and all(o.get(k) == v for k, v in where.items())]
        return Ref(self.rng.choice(names)) if names else None

    def sundries(self, *privileges):
        grants = []
        for _ in range(self.pick(0, 0, 0, 1, 2) if privileges else 0):
            grants.append((self.rng.choice(privileges), self.rng.choice(ROLES + ["PUBLIC"]), self.chance(0.2)))
        return {"comment": self.pick(None, None, None, "it's a remark", "two\nlines"), "grants": grants,
                "revoked": bool(privileges) and self.chance(0.1)}

    def type(self, world, simple=0.75):
        if not self.chance(simple):
            found = self.ref(world, "enum", "composite", "range", "domain")
            if found:
                return found
        return self.rng.choice(NUMBERS + TEXTS * 2 + TIMES + OTHERS)

    # ---- kinds: what is rolled ------------------------------------------------------------

    def roll_schema(self, w):
        return self.sundries("USAGE", "CREATE")

    def roll_extension(self, w):
        return {"comment": self.pick(None, "odd"), "in": self.pick("public", "app")}

    def roll_collation(self, w):
        return dict(self.sundries(), provider=self.pick("libc", "icu"), locale=self.pick("C", "POSIX"),
                    icu=self.pick("en", "de-u-co-phonebk", "und"), loose=self.chance(0.3))

    def roll_enum(self, w):
        return dict(self.sundries("USAGE"), values=self.rng.sample(["a", "b", "c", "it's", "e, f", "G"], self.rng.randint(1, 5)))

    def roll_domain(self, w):
        base = self.pick("integer", "text", "character varying(20)", "numeric(10,2)")
        return dict(self.sundries("USAGE"), type=base, default=self.pick(None, "'7'"), not_null=self.chance(0.15),
                    collate=self.maybe(0.3, lambda: self.ref(w, "collation") or "C"),
                    checks=[{"name": self.name("dc"), "text": self.pick("VALUE::text <> 'never'", "length(VALUE::text) < 99"),
                             "valid": self.chance(0.8), "comment": self.pick(None, "c")} for _ in range(self.pick(0, 1, 1, 2))])

    def roll_composite(self, w):
        kinds = [k for k in w if w[k]["kind"] in ("enum", "domain")]
        return dict(self.sundries("USAGE"), attributes=[
            {"name": self.name("a"), "type": Ref(self.rng.choice(kinds)) if kinds and self.chance(0.3) else self.rng.choice(NUMBERS + TEXTS),
             "comment": self.pick(None, None, "att")} for _ in range(self.rng.randint(1, 4))])

    def roll_range(self, w):
        return dict(self.sundries("USAGE"), subtype=self.pick("integer", "text", "double precision", "timestamp without time zone"),
                    collate=self.pick(None, '"C"'), opclass=self.chance(0.2), multirange=self.chance(0.3))

    def roll_sequence(self, w):
        return dict(self.sundries("USAGE", "SELECT", "UPDATE"), type=self.pick("bigint", "integer", "smallint"),
                    increment=self.pick(1, 1, 2, 5, -1), minimum=self.pick(None, -100, 1), maximum=self.pick(None, 1000, 30000),
                    start=self.pick(None, 7), cache=self.pick(1, 20), cycle=self.chance(0.2), unlogged=self.chance(0.1),
                    owner=self.maybe(0.4, lambda: self.ref(w, "table")))

    def roll_wrapper(self, w):
        return dict(self.sundries("USAGE"), validator=self.chance(0.3), options=self.options(["host", "dbname", "port"]))

    def roll_server(self, w):
        return dict(self.sundries("USAGE"), wrapper=self.ref(w, "wrapper"), type=self.pick(None, None, "odd"),
                    version=self.pick(None, "1", "2"), options=self.options(["host", "dbname", "port"]))

    def roll_mapping(self, w):
        return {"server": self.ref(w, "server"), "role": self.rng.choice(ROLES + ["PUBLIC"]), "options": self.options(["user"])}

    def options(self, keys):
        return {k: self.pick("1", "2", "it's, odd", "back\\slash") for k in keys if self.chance(0.4)}

    def roll_foreign_table(self, w):
        columns = [self.column(w) for _ in range(self.rng.randint(1, 4))]
        return dict(self.sundries("SELECT", "INSERT"), server=self.ref(w, "server"), options=self.options(["a", "B c", "d"]),
                    columns=columns)

    def roll_function(self, w):
        return dict(self.sundries("EXECUTE"), body=self.pick("plpgsql", "sql", "atomic", "window"), argument=self.pick("integer", "text"),
                    argument_name=self.pick("x", "y"), default=self.chance(0.3), result=self.pick("integer", "text", "bigint"),
                    number=self.rng.randint(1, 3), volatile=self.pick("VOLATILE", "STABLE", "IMMUTABLE"),
                    strict=self.chance(0.3), definer=self.chance(0.2), cost=self.pick(100, 5), setting=self.chance(0.2),
                    of=self.maybe(0.4, lambda: self.ref(w, "table")), enum=self.maybe(0.2, lambda: self.ref(w, "enum")))

    def roll_maker(self, w):
        """A function that a column's default may call."""
        return dict(self.roll_function(w), body=self.pick("plpgsql", "sql"), of=None, enum=None)

    def roll_procedure(self, w):
        return dict(self.sundries("EXECUTE"), argument=self.pick("integer", "text"), argument_name=self.pick("x", "y"),
                    number=self.rng.randint(1, 3))

    def roll_trigger_function(self, w):
        return dict(self.sundries("EXECUTE"), number=self.rng.randint(1, 3), event=self.chance(0.2))

    def roll_aggregate(self, w):
        return dict(self.sundries("EXECUTE"), init=self.pick(None, "0", "1"), moving=self.chance(0.3), parallel=self.chance(0.3),
                    type=self.pick("integer", "bigint"))

    def roll_operator(self, w):
        return dict(self.sundries(), commutator=self.chance(0.5), hashes=self.chance(0.3), restrict=self.chance(0.3))

    def roll_family(self, w):
        return dict(self.sundries(), items=self.chance(0.5))

    def roll_opclass(self, w):
        return dict(self.sundries(), family=self.ref(w, "family"), function=self.pick("btint4cmp", "btint4cmp"))

    def roll_cast(self, w):
        return dict(self.sundries(), source=self.ref(w, "enum", "composite"), target=self.pick("integer", "text"), context=self.pick("", " AS ASSIGNMENT"))

    def roll_conversion(self, w):
        return dict(self.sundries(), default=self.chance(0.3), source=self.pick("LATIN1", "LATIN2"))

    def roll_ts_parser(self, w):
        return dict(self.sundries(), headline=self.chance(0.5))

    def roll_ts_template(self, w):
        return dict(self.sundries(), init=self.chance(0.5))

    def roll_ts_dictionary(self, w):
        return dict(self.sundries(), template=self.pick("pg_catalog.simple", "pg_catalog.snowball"), accept=self.chance(0.5),
                    language=self.pick("english", "german"))

    def roll_ts_configuration(self, w):
        words = ["asciiword", "word", "numword", "hword", "url"]
        return dict(self.sundries(), parser=self.ref(w, "ts_parser") if self.chance(0.2) else None,
                    mappings={t: self.ref(w, "ts_dictionary") or "pg_catalog.simple" for t in words if self.chance(0.5)})

    def roll_table(self, w):
        r = self.rng
        shape = r.choice(["plain"] * 6 + ["partitioned", "partition", "partition", "child", "typed"])
        t = dict(self.sundries("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"), no=self.serial,
                 unlogged=self.chance(0.1), options=self.storage_options(), security=self.chance(0.15), force=self.chance(0.1),
                 replica=self.pick(None, None, None, "FULL", "NOTHING"), columns=[], keys=[], indexes=[], triggers=[], rules=[],
                 policies=[], statistics=[], partition_by=None, partition_of=None, inherits=[], of=None, level=0)
        if shape == "partition":
            t["partition_of"] = self.ref(w, "table", shape="partitioned")
        elif shape == "child":
            parents = [n for n, o in w.items() if o["kind"] == "table" and o["shape"] in ("plain", "child") and o["level"] < 2]
            t["inherits"] = [Ref(n) for n in r.sample(parents, min(len(parents), self.pick(1, 1, 2)))]
            t["level"] = 1 + max([w[p]["level"] for p in t["inherits"]] or [0])
        elif shape == "typed":
            t["of"] = self.ref(w, "composite")
        if shape == "partitioned":
            t["partition_by"] = self.pick("RANGE", "RANGE", "LIST", "HASH")
        if not (t["partition_of"] or t["inherits"] or t["of"] or t["partition_by"]):
            shape = "plain"
        t["shape"] = shape
        if shape in ("plain", "partitioned", "child"):
            t["columns"] = [self.column(w) for _ in range(r.randint(1, 5))]
        self.parts(w, t)
        return t

    def storage_options(self):
        out = {}
        if self.chance(0.2):
            out["fillfactor"] = self.pick("50", "90")
        if self.chance(0.1):
            out["autovacuum_enabled"] = "false"
        if self.chance(0.1):
            out["toast.autovacuum_enabled"] = "false"
        return out

    def column(self, w):
        c = {"name": self.name("c"), "type": self.type(w)}
        self.vary_column(w, c)
        return c

    def vary_column(self, w, c):
        kind = c["type"]
        text, number, long = kind in TEXTS, kind in ("integer", "bigint", "smallint"), kind in LONG
        c.update(comment=self.pick(None, None, None, "of a column"), not_null=self.chance(0.2), default=None, identity=None,
                 generated=None, collate=None, storage=None, compression=None, statistics=self.pick(None, None, None, 50, 0),
                 options=self.pick(None, None, None, None, "n_distinct=5", "n_distinct=-0.5, n_distinct_inherited=7"),
                 grants=[(self.pick("SELECT", "UPDATE", "REFERENCES"), self.rng.choice(ROLES), False)] if self.chance(0.1) else [],
                 foreign=self.options(["col", "odd opt"]) if self.chance(0.3) else {}, array=False)
        if self.chance(0.4):
            c["default"] = {"what": "value", "text": value(kind, self.rng.randint(1, 3))}
            if self.chance(0.3) and number:
                c["default"] = {"what": "sequence", "of": self.ref(w, "sequence")}
            elif self.chance(0.3) and (number or text):
                c["default"] = {"what": "function", "of": self.ref(w, "maker")}
            elif self.chance(0.5) and isinstance(kind, Ref) and w[kind]["kind"] == "enum":
                c["default"] = {"what": "enum", "of": kind}
        elif number and self.chance(0.15):
            c["identity"] = {"how": self.pick("ALWAYS", "BY DEFAULT"), "increment": self.pick(1, 1, 3, -1),
                             "maximum": self.pick(None, 9999), "start": self.pick(None, 5), "cache": self.pick(1, 10),
                             "cycle": self.chance(0.2), "name": self.maybe(0.2, lambda: self.name("ids"))}
        elif (number or text) and self.chance(0.15):
            c["generated"] = self.pick("1", "2")
        if text and self.chance(0.25):
            c["collate"] = self.ref(w, "collation") if self.chance(0.5) else self.pick("C", "POSIX")
        if long and self.chance(0.2):
            c["storage"] = self.pick("PLAIN", "EXTERNAL", "MAIN", "EXTENDED")
        if long and self.chance(0.2):
            c["compression"] = self.pick("pglz", "lz4")
        if isinstance(kind, Ref) and w[kind]["kind"] == "enum":
            c["array"] = self.chance(0.2)
            if c["array"]:
                c["default"] = None

    def parts(self, w, t):
        r = self.rng
        t["keys"] = []
        if self.chance(0.5):
            t["keys"].append(self.key(w, t, "primary"))
        for _ in range(self.pick(0, 0, 1, 2)):
            t["keys"].append(self.key(w, t, self.pick("unique", "check", "check", "foreign", "foreign", "exclusion")))
        t["indexes"] = [self.index(w, t) for _ in range(self.pick(0, 0, 1, 2, 3))]
        t["statistics"] = [self.statistic() for _ in range(self.pick(0, 0, 0, 1))]
        t["triggers"] = [self.trigger(w) for _ in range(self.pick(0, 0, 1))]
        t["rules"] = [{"name": self.name("ru"), "event": self.pick("INSERT", "UPDATE"), "enabled": self.pick(None, "DISABLE", "ENABLE ALWAYS"),
                       "comment": self.pick(None, "r")} for _ in range(self.pick(0, 0, 0, 1))]
        t["policies"] = [{"name": self.name("po"), "command": self.pick("ALL", "SELECT", "INSERT", "UPDATE"), "restrictive": self.chance(0.3),
                          "role": self.rng.choice(ROLES + [None]), "text": self.pick("id > 0", "id > 1"), "comment": self.pick(None, "p")}
                         for _ in range(self.pick(0, 0, 0, 1))]

    def key(self, w, t, kind):
        return {"name": self.name("k"), "type": kind, "deferrable": self.pick("", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"),
                "include": self.chance(0.2), "nulls": self.chance(0.2), "valid": self.chance(0.8), "no_inherit": self.chance(0.1),
                "text": self.pick("id > 0", "id < 1000000", "id <> 7777777"), "to": self.ref(w, "table") if kind == "foreign" else None,
                "action": self.pick("", " ON DELETE CASCADE", " ON UPDATE CASCADE ON DELETE SET NULL", " MATCH FULL"),
                "clustered": self.chance(0.1), "options": self.pick({}, {}, {"fillfactor": "70"}), "comment": self.pick(None, None, "key")}

    def index(self, w, t):
        return {"name": self.name("i"), "method": self.pick("btree", "btree", "btree", "hash", "brin"), "where": self.chance(0.3), "salt": self.serial % 1000 + 2,
                "expression": self.chance(0.3), "include": self.chance(0.2), "desc": self.chance(0.3), "nulls": self.chance(0.3),
                "second": self.rng.randint(0, 5), "unique": self.chance(0.2), "opclass": self.chance(0.2), "clustered": self.chance(0.1),
                "statistics": self.pick(None, None, 77), "options": self.pick({}, {}, {"fillfactor": "60"}), "comment": self.pick(None, None, "index")}

    def statistic(self):
        return {"name": self.name("st"), "kinds": self.pick("", " (ndistinct)", " (dependencies, mcv)"), "target": self.pick(None, 55),
                "comment": self.pick(None, "stat")}

    def trigger(self, w):
        return {"name": self.name("tr"), "function": self.ref(w, "trigger_function", event=False), "when": self.chance(0.3),
                "moment": self.pick("BEFORE", "AFTER"), "event": self.pick("INSERT", "UPDATE", "UPDATE OF id", "INSERT OR DELETE"),
                "each": self.pick("ROW", "ROW", "STATEMENT"), "constraint": self.chance(0.15), "comment": self.pick(None, "trig"),
                "enabled": self.pick(None, None, "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS")}

    def roll_view(self, w):
        return dict(self.sundries("SELECT", "INSERT"), of=self.ref(w, "table", "foreign_table") if self.chance(0.7) else self.ref(w, "view", "matview", "table"),
                    columns=self.rng.randint(0, 4), barrier=self.chance(0.2), check=self.pick(None, None, "local", "cascaded"), where=self.chance(0.4),
                    extra=self.pick(None, None, "1", "'x'::text"), of_column=self.pick(None, None, "view column"), default=self.chance(0.1),
                    rename=self.pick("n", "n", "m"))

    def roll_matview(self, w):
        return dict(self.sundries("SELECT"), of=self.ref(w, "table", "view"), columns=self.rng.randint(0, 3), options=self.pick({}, {"fillfactor": "80"}),
                    filled=self.chance(0.8), index=self.maybe(0.5, lambda: self.name("mi")), extra=self.pick(None, "1"))

    def roll_publication(self, w):
        tables = [n for n, o in w.items() if o["kind"] == "table" and not o["unlogged"]]
        return {"comment": self.pick(None, "pub"), "all": self.chance(0.2), "publish": self.pick(None, "insert", "insert, delete"), "root": self.chance(0.3),
                "tables": [Ref(n) for n in self.rng.sample(tables, min(len(tables), self.pick(0, 1, 2)))], "columns": self.chance(0.3),
                "where": self.chance(0.3), "schema": self.maybe(0.2, lambda: self.rng.choice(SCHEMAS[1:]))}

    def roll_subscription(self, w):
        return {"publications": self.rng.sample(["p1", "p2", "P 3"], self.rng.randint(1, 2)), "commit": self.pick("off", "local"),
                "binary": self.chance(0.3), "streaming": self.chance(0.3), "error": self.chance(0.3), "slot": self.pick(None, "slot_a")}

    def roll_event_trigger(self, w):
        return {"comment": self.pick(None, "et"), "event": self.pick("ddl_command_start", "ddl_command_end", "sql_drop"), "tags": self.chance(0.5),
                "function": self.ref(w, "trigger_function", event=True), "enabled": self.pick(None, "DISABLE", "ENABLE REPLICA")}

    def roll_defaults(self, w):
        return {"role": self.rng.choice([None] + ROLES), "in": self.pick(None, "app", "Odd Schema"),
                "what": self.pick("TABLES", "SEQUENCES", "FUNCTIONS", "TYPES"), "to": self.rng.choice(ROLES), "option": self.chance(0.2),
                "revoke": self.chance(0.2)}

    KINDS = ["collation", "enum", "domain", "composite", "range", "sequence", "wrapper", "server", "mapping", "trigger_function", "maker",
             "table", "foreign_table", "function", "procedure", "aggregate", "operator", "family", "opclass", "cast", "conversion",
             "ts_parser", "ts_template", "ts_dictionary", "ts_configuration", "view", "matview", "publication", "subscription",
             "event_trigger", "defaults", "extension", "schema"]
    OFTEN = ["table"] * 8 + ["enum", "domain", "view", "view", "function", "sequence"] * 2
    NO_SCHEMA = ("schema", "extension", "wrapper", "server", "mapping", "cast", "publication", "subscription", "event_trigger", "defaults")

    # ---- a schema, and another ---------------------------------------------------------------

    def add(self, world, kind=None):
        kind = kind or self.rng.choice(self.KINDS + self.OFTEN * 2)
        name = self.name({"extension": "x", "schema": "s"}.get(kind, kind[:2]))
        o = dict(getattr(self, "roll_" + kind)(world), kind=kind, owner_role=self.rng.choice([None, None, None] + ROLES),
                 schema=self.pick("public", "public", "app", "Odd Schema"), no=self.serial)
        if kind == "extension":
            name = self.pick("hstore", "citext", "pg_trgm", "btree_gist")
            if name in world:
                return
        world[name] = o

    def schema(self):
        world = {}
        for s in SCHEMAS:
            world[s] = dict(self.roll_schema(world), kind="schema", owner_role=None)
        for kind in ("enum", "domain", "composite", "sequence", "trigger_function", "maker"):
            if self.chance(0.7):
                self.add(world, kind)
        for _ in range(self.rng.randint(2, 5)):
            self.add(world, "table")
        for _ in range(self.rng.randint(4, 14)):
            self.add(world)
        return self.mend(world)

    def changed(self, world):
        b = copy.deepcopy(world)
        for _ in range(self.rng.randint(1, 8)):
            ops = [self.add, self.vary, self.vary, self.vary, self.vary_table, self.vary_table, self.vary_table, self.move_table,
                   self.move_table, self.remove]
            self.rng.choice(ops)(b)
            self.mend(b)
        return b

    def remove(self, world):
        names = [n for n in world if n not in SCHEMAS]
        if names:
            del world[self.rng.choice(names)]

    def vary(self, world):
        name = self.rng.choice([n for n, o in world.items()])
        o = world[name]
        before = {n: x for n, x in world.items() if n != name and self.rank(n, x) < self.rank(name, o)}
        fresh = getattr(self, "roll_" + o["kind"])(before)
        if o["kind"] == "table":
            fresh = {k: v for k, v in fresh.items() if k in ("comment", "grants", "revoked", "unlogged", "options", "security", "force", "replica")}
            if o["partition_by"] and self.chance(0.1):
                o["partition_by"] = self.pick("RANGE", "LIST")
        if o["kind"] == "enum" and self.chance(0.7):  # near to what it was
            fresh["values"] = list(o["values"])
            fresh["values"].insert(self.rng.randint(0, len(o["values"])), self.name("v"))
        if o["kind"] in ("composite", "foreign_table"):
            key = "attributes" if o["kind"] == "composite" else "columns"
            fresh[key] = [x for x in o[key] if self.chance(0.8)] + fresh[key][:1]
        for k in sorted(fresh):
            if self.chance(0.5):
                o[k] = fresh[k]
        if self.chance(0.2):
            o["owner_role"] = self.rng.choice([None] + ROLES)

    def tables(self, world):
        return [n for n, o in world.items() if o["kind"] == "table"]

    def vary_table(self, world):
        names = self.tables(world)
        if not names:
            return
        name = self.rng.choice(names)
        t = world[name]
        before = {n: x for n, x in world.items() if self.rank(n, x) < self.rank(name, t)}
        what = self.pick("add", "drop", "column", "column", "type", "parts", "part")
        if what == "add" and t["shape"] in ("plain", "partitioned", "child"):
            t["columns"].insert(self.rng.randint(0, len(t["columns"])), self.column(before))
        elif what == "drop" and t["columns"]:
            t["columns"].pop(self.rng.randrange(len(t["columns"])))
        elif what in ("column", "type") and t["columns"]:
            c = self.rng.choice(t["columns"])
            if what == "type":
                c["type"] = self.type(before)
            self.vary_column(before, c)
        elif what == "parts":
            self.parts(before, t)
        elif what == "part":
            group = self.rng.choice([t[g] for g in ("keys", "indexes", "triggers", "policies", "statistics", "rules")])
            makers = {id(t["keys"]): lambda: self.key(before, t, self.pick("unique", "check", "foreign")),
                      id(t["indexes"]): lambda: self.index(before, t), id(t["triggers"]): lambda: self.trigger(before)}
            if group:
                old = self.rng.choice(group)
                fresh = makers[id(group)]() if id(group) in makers else None
                for k in sorted(fresh or {}):
                    if k not in ("name", "type", "to") and self.chance(0.4):
                        old[k] = fresh[k]

    def move_table(self, world):
        """Becomes or stops being a partition, a child, of a type."""
        names = self.tables(world)
        if not names:
            return
        name = self.rng.choice(names)
        t = world[name]
        before = {n: x for n, x in world.items() if self.rank(n, x) < self.rank(name, t)}
        if any(o["kind"] == "table" and (o["partition_of"] == name or name in o["inherits"]) for o in world.values()):
            return
        if t["shape"] in ("partition", "child", "typed"):
            own = self.all_columns(world, t)
            t.update(shape="plain", columns=copy.deepcopy(own), partition_of=None, inherits=[], of=None, level=0)
            return
        if t["shape"] != "plain":
            return
        parent = self.ref(before, "table", shape=self.pick("partitioned", "partitioned", "plain"))
        if not parent or parent == name:
            return
        if before[parent]["shape"] == "partitioned":
            t.update(shape="partition", partition_of=parent, columns=[])
        else:
            t.update(shape="child", inherits=[parent], level=before[parent]["level"] + 1)

    def all_columns(self, world, t):
        out = []
        for p in ([t["partition_of"]] if t["partition_of"] else []) + t["inherits"]:
            if p in world:
                out += [c for c in self.all_columns(world, world[p]) if c["name"] not in [x["name"] for x in out]]
        if t["of"] and t["of"] in world:
            plain = {"not_null": False, "default": None, "identity": None, "generated": None, "collate": None, "storage": None, "compression": None,
                     "statistics": None, "options": None, "grants": [], "foreign": {}, "array": False, "comment": None}
            out += [dict(plain, name=a["name"], type=a["type"]) for a in world[t["of"]]["attributes"]]
        return out + [c for c in t["columns"] if c["name"] not in [x["name"] for x in out]]

    # ---- what holds together -------------------------------------------------------------------

    def rank(self, name, o):
        order = ["schema", "extension"] + [k for k in self.KINDS if k not in ("schema", "extension")]
        return (order.index(o["kind"]), o.get("level", 0) + (5 if o.get("partition_of") else 0), o.get("no", 0))

    def refs_out(self, x, world, rank, me):
        """Takes references away that lead nowhere, or forward."""
        if isinstance(x, Ref):
            there = x in world and x != me and self.rank(x, world[x]) < rank
            return x if there else None
        if isinstance(x, dict):
            return {k: self.refs_out(v, world, rank, me) for k, v in x.items()}
        if isinstance(x, list):
            return [y for y in (self.refs_out(v, world, rank, me) for v in x) if y is not None]
        return x

    def mend(self, world):
        for _ in range(4):
            for name in list(world):
                o = world[name]
                late = {k: o.get(k) for k in ("owner", "keys") if o.get(k)}  # may lead anywhere
                fixed = self.refs_out({k: v for k, v in o.items() if k not in late}, world, self.rank(name, o), name)
                fixed.update({k: self.refs_out(v, world, (999,), None) for k, v in late.items()})
                world[name] = fixed
                if not getattr(self, "mend_" + o["kind"], lambda *a: True)(world, name, fixed):
                    del world[name]
        return world

    def mend_table(self, world, name, t):
        for c in t["columns"]:
            if c["type"] is None:
                c.update(type="text", array=False, default=None, identity=None, generated=None)
            if c["default"] and (c["default"].get("of", "") is None or c["default"].get("text", "") is None):
                c["default"] = None
            if c["default"] and isinstance(c["type"], Ref) and c["default"]["what"] != "enum":
                c["default"] = None
        if t["shape"] == "partition" and (not t["partition_of"] or not world[t["partition_of"]]["partition_by"]):
            return False
        if t["shape"] == "child":
            t["inherits"] = [p for p in t["inherits"] if world[p]["shape"] in ("plain", "child")]
        if t["shape"] == "child" and not t["inherits"] or t["shape"] == "typed" and not t["of"]:
            t.update(shape="plain", inherits=[], of=None, level=0)
        names = [c["name"] for c in t["columns"]]
        t["columns"] = [c for i, c in enumerate(t["columns"]) if c["name"] not in names[:i]]
        t["triggers"] = [x for x in t["triggers"] if x["function"] and not world[x["function"]]["event"]]
        seen = False
        for k in list(t["keys"]):
            if k["type"] == "primary":
                if seen:
                    t["keys"].remove(k)
                seen = True
        return True

    def mend_server(self, world, name, o):
        return o["wrapper"] is not None

    def mend_mapping(self, world, name, o):
        same = [n for n, x in world.items() if x["kind"] == "mapping" and (x["server"], x["role"]) == (o["server"], o["role"])]
        return o["server"] is not None and same[0] == name

    def mend_foreign_table(self, world, name, o):
        for c in o["columns"]:
            if c["type"] is None:
                c["type"] = "text"
            c.update(default=None, identity=None, generated=None, compression=None, array=False, storage=None)
        return o["server"] is not None

    def mend_composite(self, world, name, o):
        for a in o["attributes"]:
            a["type"] = a["type"] or "text"
        return bool(o["attributes"])

    def mend_opclass(self, world, name, o):
        used = [n for n, x in world.items() if x["kind"] == "opclass" and x["family"] == o["family"]]
        return o["family"] is not None and used[0] == name

    def mend_cast(self, world, name, o):
        same = [n for n, x in world.items() if x["kind"] == "cast" and (x["source"], x["target"]) == (o["source"], o["target"])]
        return o["source"] is not None and same[0] == name

    def mend_conversion(self, world, name, o):
        same = [n for n, x in world.items() if x["kind"] == "conversion"]
        return same[0] == name

    def mend_ts_configuration(self, world, name, o):
        o["mappings"] = {k: v or "pg_catalog.simple" for k, v in o["mappings"].items()}
        return True

    def mend_view(self, world, name, o):
        return o["of"] is not None

    mend_matview = mend_view

    def mend_event_trigger(self, world, name, o):
        return o["function"] is not None and world[o["function"]]["event"]

    def mend_publication(self, world, name, o):
        o["tables"] = [t for t in o["tables"] if not world[t]["unlogged"] and not (o["schema"] and world[t]["schema"] == o["schema"])]
        return True

    def mend_defaults(self, world, name, o):
        same = [n for n, x in world.items() if x["kind"] == "defaults" and (x["role"], x["in"], x["what"]) == (o["role"], o["in"], o["what"])]
        return same[0] == name
