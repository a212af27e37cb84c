# SPDX-License-Identifier: Apache-2.0
"""The schemas of made_postgres.py as SQL, with rows."""
import copy

from made_postgres import LONG, NUMBERS, ROLES, ROWS, TEXTS, Maker, Ref, family, lit, q, value

SYMBOLS = "@#%&|"
# Without an owner, or with one who may do everything.
UNOWNED = ("CAST", "TEXT SEARCH PARSER", "TEXT SEARCH TEMPLATE", "EVENT TRIGGER", "FOREIGN DATA WRAPPER", "PUBLICATION")


class Writer(Maker):
    """Makes them and writes them."""

    owners = False  # does it count to whom an object belongs?

    # ---- names ------------------------------------------------------------------------------

    def full(self, w, name):
        return "%s.%s" % (q(w[name]["schema"]), q(name))

    def type_sql(self, w, c):
        kind = c["type"]
        return (self.full(w, kind) if isinstance(kind, Ref) else kind) + ("[]" if c.get("array") else "")

    def sundries_sql(self, what, name, o):
        out, on = [], {"VIEW": "TABLE", "MATERIALIZED VIEW": "TABLE", "FOREIGN TABLE": "TABLE", "SERVER": "FOREIGN SERVER",
                       "AGGREGATE": "FUNCTION"}.get(what, what)
        if o.get("revoked"):
            out.append("REVOKE ALL ON %s %s FROM %s" % (on, name, "PUBLIC" if on in ("FUNCTION", "PROCEDURE", "TYPE", "DOMAIN") else "CURRENT_USER"))
        for privilege, role, option in o.get("grants") or ():
            out.append("GRANT %s ON %s %s TO %s%s" % (privilege, on, name, role if role == "PUBLIC" else q(role),
                                                      " WITH GRANT OPTION" if option and role != "PUBLIC" else ""))
        if o.get("comment"):
            out.append("COMMENT ON %s %s IS %s" % (what, name, lit(o["comment"])))
        # What a view's owner may not read fills no view of his: pg_dump's cannot be restored either.
        kept = o["kind"] == "sequence" and o["owner"] or o["kind"] == "matview" and o["filled"]
        if self.owners and o.get("owner_role") and what not in UNOWNED and not kept:
            out.append("ALTER %s %s OWNER TO %s" % (what, name, q(o["owner_role"])))
        return out

    def options_sql(self, options):
        return ", ".join("%s %s" % (q(k), ("E" + lit(v).replace("\\", "\\\\")) if "\\" in v else lit(v)) for k, v in sorted(options.items()))

    # ---- kinds -------------------------------------------------------------------------------

    def sql_schema(self, w, name, o):
        made = [] if name == "public" else ["CREATE SCHEMA %s" % q(name)]
        return made + self.sundries_sql("SCHEMA", q(name), dict(o, revoked=False))

    def sql_extension(self, w, name, o):
        return ["CREATE EXTENSION %s SCHEMA %s" % (q(name), q(o["in"]))]

    def sql_collation(self, w, name, o):
        n = self.full(w, name)
        if o["provider"] == "icu":
            text = "PROVIDER = icu, LOCALE = '%s'%s" % (o["icu"], ", DETERMINISTIC = false" if o["loose"] else "")
        else:
            text = "LOCALE = '%s'" % o["locale"]
        return ["CREATE COLLATION %s (%s)" % (n, text)] + self.sundries_sql("COLLATION", n, o)

    def sql_enum(self, w, name, o):
        n = self.full(w, name)
        return ["CREATE TYPE %s AS ENUM (%s)" % (n, ", ".join(lit(v) for v in o["values"]))] + self.sundries_sql("TYPE", n, o)

    def collate(self, w, collate):
        if not collate:
            return ""
        return " COLLATE " + (self.full(w, collate) if isinstance(collate, Ref) else q(collate))

    def sql_domain(self, w, name, o):
        n = self.full(w, name)
        text = o["type"] in TEXTS
        out = ["CREATE DOMAIN %s AS %s%s%s%s" % (n, o["type"], self.collate(w, o["collate"]) if text else "",
                                                 " DEFAULT " + o["default"] if o["default"] else "", " NOT NULL" if o["not_null"] else "")]
        for c in o["checks"]:
            out.append("ALTER DOMAIN %s ADD CONSTRAINT %s CHECK (%s)%s" % (n, q(c["name"]), c["text"], "" if c["valid"] else " NOT VALID"))
            if c["comment"]:
                out.append("COMMENT ON CONSTRAINT %s ON DOMAIN %s IS %s" % (q(c["name"]), n, lit(c["comment"])))
        return out + self.sundries_sql("DOMAIN", n, o)

    def sql_composite(self, w, name, o):
        n = self.full(w, name)
        attributes = [{"name": "id", "type": "integer", "comment": None}] + o["attributes"]
        out = ["CREATE TYPE %s AS (%s)" % (n, ", ".join("%s %s" % (q(a["name"]), self.type_sql(w, a)) for a in attributes))]
        out += ["COMMENT ON COLUMN %s.%s IS %s" % (n, q(a["name"]), lit(a["comment"])) for a in attributes if a["comment"]]
        return out + self.sundries_sql("TYPE", n, o)

    def sql_range(self, w, name, o):
        n = self.full(w, name)
        text = "SUBTYPE = " + o["subtype"]
        if o["subtype"] == "text" and o["collate"]:
            text += ", COLLATION = " + o["collate"]
        if o["subtype"] == "text" and o["opclass"]:
            text += ", SUBTYPE_OPCLASS = text_pattern_ops"
        if o["subtype"] == "double precision":
            text += ", SUBTYPE_DIFF = float8mi"
        if o["multirange"]:
            text += ", MULTIRANGE_TYPE_NAME = %s.%s" % (q(o["schema"]), q(name + " many"))
        return ["CREATE TYPE %s AS RANGE (%s)" % (n, text)] + self.sundries_sql("TYPE", n, o)

    def sql_sequence(self, w, name, o):
        n = self.full(w, name)
        down = o["increment"] < 0
        text = "CREATE %sSEQUENCE %s AS %s INCREMENT BY %d" % ("UNLOGGED " if o["unlogged"] and not o["owner"] else "", n, o["type"], o["increment"])
        if not down:
            text += " MINVALUE %d" % o["minimum"] if o["minimum"] is not None else ""
            text += " MAXVALUE %d" % o["maximum"] if o["maximum"] else ""
            text += " START %d" % o["start"] if o["start"] else " START 1" if o["minimum"] == -100 else ""
        return [text + " CACHE %d%s" % (o["cache"], " CYCLE" if o["cycle"] else "")] + self.sundries_sql("SEQUENCE", n, o)

    def sql_wrapper(self, w, name, o):
        options = " OPTIONS (%s)" % self.options_sql(o["options"]) if o["options"] else ""
        return ["CREATE FOREIGN DATA WRAPPER %s%s%s" % (q(name), " VALIDATOR postgresql_fdw_validator" if o["validator"] else "",
                                                       options if not o["validator"] else "")] + self.sundries_sql("FOREIGN DATA WRAPPER", q(name), o)

    def sql_server(self, w, name, o):
        options = " OPTIONS (%s)" % self.options_sql(o["options"]) if o["options"] else ""
        return ["CREATE SERVER %s%s%s FOREIGN DATA WRAPPER %s%s" % (
            q(name), " TYPE " + lit(o["type"]) if o["type"] else "", " VERSION " + lit(o["version"]) if o["version"] else "",
            q(o["wrapper"]), options)] + self.sundries_sql("SERVER", q(name), o)

    def sql_mapping(self, w, name, o):
        return ["CREATE USER MAPPING FOR %s SERVER %s%s" % (o["role"] if o["role"] == "PUBLIC" else q(o["role"]), q(o["server"]),
                " OPTIONS (%s)" % self.options_sql(o["options"]) if o["options"] else "")]

    def loose_options(self, w, o):
        """Would a validator refuse what is given here?"""
        return not w[w[o["server"]]["wrapper"]]["validator"]

    def sql_foreign_table(self, w, name, o):
        n, loose = self.full(w, name), self.loose_options(w, o)
        columns = ["id integer"]
        for c in o["columns"]:
            columns.append("%s %s%s%s%s" % (q(c["name"]), self.type_sql(w, c), self.collate(w, c["collate"]) if c["type"] in TEXTS else "",
                                            " OPTIONS (%s)" % self.options_sql(c["foreign"]) if c["foreign"] and loose else "",
                                            " NOT NULL" if c["not_null"] else ""))
        out = ["CREATE FOREIGN TABLE %s (%s) SERVER %s%s" % (n, ", ".join(columns), q(o["server"]),
               " OPTIONS (%s)" % self.options_sql(o["options"]) if o["options"] and loose else "")]
        out += ["COMMENT ON COLUMN %s.%s IS %s" % (n, q(c["name"]), lit(c["comment"])) for c in o["columns"] if c["comment"]]
        return out + self.sundries_sql("FOREIGN TABLE", n, o)

    def arguments(self, o):
        return "" if o["body"] == "window" else o["argument"]

    def sql_function(self, w, name, o):
        n = self.full(w, name)
        arguments = "%s %s%s" % (o["argument_name"], o["argument"], " DEFAULT '5'" if o["default"] else "")
        signature = o["argument"]
        if o["enum"]:
            arguments = "e %s, %s" % (self.full(w, o["enum"]), arguments)
            signature = "%s, %s" % (self.full(w, o["enum"]), signature)
        words = "%s%s%s COST %d" % (o["volatile"], " STRICT" if o["strict"] else "", " SECURITY DEFINER" if o["definer"] else "", o["cost"])
        words += " SET work_mem = '4MB'" if o["setting"] and o["body"] != "window" else ""
        result = o["result"]
        if o["body"] == "window":
            arguments = signature = ""
            text = "CREATE FUNCTION %s() RETURNS bigint LANGUAGE internal WINDOW %s AS 'window_row_number'" % (n, words)
        elif o["body"] == "plpgsql":
            text = "CREATE FUNCTION %s(%s) RETURNS %s LANGUAGE plpgsql %s AS $$BEGIN RETURN '%d'; END$$" % (n, arguments, result, words, o["number"])
        elif o["body"] == "atomic":
            source = " FROM %s WHERE id > 0 LIMIT 1" % self.full(w, o["of"]) if o.get("of") else ""
            text = "CREATE FUNCTION %s(%s) RETURNS %s LANGUAGE sql %s BEGIN ATOMIC SELECT %s::%s%s; END" % (
                n, arguments, result, words, "id" if source else "'%d'" % o["number"], result, source)
        else:
            text = "CREATE FUNCTION %s(%s) RETURNS %s LANGUAGE sql %s AS 'SELECT ''%d''::%s'" % (n, arguments, result, words, o["number"], result)
        return [text] + self.sundries_sql("FUNCTION", "%s(%s)" % (n, signature), o)

    sql_maker = sql_function

    def sql_procedure(self, w, name, o):
        n = self.full(w, name)
        return ["CREATE PROCEDURE %s(%s %s) LANGUAGE plpgsql AS $$BEGIN PERFORM %d; END$$" % (n, o["argument_name"], o["argument"], o["number"])
                ] + self.sundries_sql("PROCEDURE", "%s(%s)" % (n, o["argument"]), o)

    def sql_trigger_function(self, w, name, o):
        n = self.full(w, name)
        body = "PERFORM %d;" % o["number"] if o["event"] else "PERFORM %d; RETURN NEW;" % o["number"]
        return ["CREATE FUNCTION %s() RETURNS %s LANGUAGE plpgsql AS $$BEGIN %s END$$" % (n, "event_trigger" if o["event"] else "trigger", body)
                ] + self.sundries_sql("FUNCTION", n + "()", o)

    def sql_aggregate(self, w, name, o):
        n = self.full(w, name)
        size = {"integer": 4, "bigint": 8}[o["type"]]
        text = "SFUNC = int%dpl, STYPE = %s" % (size, o["type"])
        text += ", INITCOND = '%s'" % o["init"] if o["init"] else ""
        text += ", MSFUNC = int%dpl, MINVFUNC = int%dmi, MSTYPE = %s" % (size, size, o["type"]) if o["moving"] else ""
        text += ", PARALLEL = SAFE" if o["parallel"] else ""
        return ["CREATE AGGREGATE %s(%s) (%s)" % (n, o["type"], text)] + self.sundries_sql("AGGREGATE", "%s(%s)" % (n, o["type"]), o)

    def sql_operator(self, w, name, o):
        number, symbol = o["no"], ""
        while number:
            symbol, number = symbol + SYMBOLS[number % 5], number // 5
        n = "%s.%s" % (q(o["schema"]), "&" + symbol + "&")
        text = "FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer"
        text += ", COMMUTATOR = OPERATOR(%s)" % n if o["commutator"] else ""
        text += ", HASHES" if o["hashes"] else ""
        text += ", RESTRICT = eqsel" if o["restrict"] else ""
        return ["CREATE OPERATOR %s (%s)" % (n, text)] + self.sundries_sql("OPERATOR", "%s (integer, integer)" % n, o)

    def sql_family(self, w, name, o):
        n = "%s USING btree" % self.full(w, name)
        out = ["CREATE OPERATOR FAMILY %s" % n]
        if o["items"]:
            out.append("ALTER OPERATOR FAMILY %s ADD OPERATOR 1 < (int4, int2), FUNCTION 1 (int4, int2) btint42cmp(int4, int2)" % n)
        return out + self.sundries_sql("OPERATOR FAMILY", n, o)

    def sql_opclass(self, w, name, o):
        n = self.full(w, name)
        return ["CREATE OPERATOR CLASS %s FOR TYPE integer USING btree FAMILY %s AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, "
                "OPERATOR 5 >, FUNCTION 1 btint4cmp(int4, int4)" % (n, self.full(w, o["family"]))
                ] + self.sundries_sql("OPERATOR CLASS", n + " USING btree", o)

    def sql_cast(self, w, name, o):
        n = "(%s AS %s)" % (self.full(w, o["source"]), o["target"])
        return ["CREATE CAST %s WITH INOUT%s" % (n, o["context"])] + self.sundries_sql("CAST", n, o)

    def sql_conversion(self, w, name, o):
        n = self.full(w, name)
        function = {"LATIN1": "iso8859_1_to_utf8", "LATIN2": "iso8859_to_utf8"}[o["source"]]
        return ["CREATE %sCONVERSION %s FOR '%s' TO 'UTF8' FROM %s" % ("DEFAULT " if o["default"] else "", n, o["source"], function)
                ] + self.sundries_sql("CONVERSION", n, o)

    def sql_ts_parser(self, w, name, o):
        n = self.full(w, name)
        return ["CREATE TEXT SEARCH PARSER %s (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype%s)" % (
            n, ", HEADLINE = prsd_headline" if o["headline"] else "")] + self.sundries_sql("TEXT SEARCH PARSER", n, o)

    def sql_ts_template(self, w, name, o):
        n = self.full(w, name)
        return ["CREATE TEXT SEARCH TEMPLATE %s (%sLEXIZE = dsimple_lexize)" % (n, "INIT = dsimple_init, " if o["init"] else "")
                ] + self.sundries_sql("TEXT SEARCH TEMPLATE", n, o)

    def sql_ts_dictionary(self, w, name, o):
        n = self.full(w, name)
        options = "language = '%s'" % o["language"] if "snowball" in o["template"] else "accept = '%s'" % ("true" if o["accept"] else "false")
        return ["CREATE TEXT SEARCH DICTIONARY %s (TEMPLATE = %s, %s)" % (n, o["template"], options)
                ] + self.sundries_sql("TEXT SEARCH DICTIONARY", n, o)

    def sql_ts_configuration(self, w, name, o):
        n = self.full(w, name)
        out = ["CREATE TEXT SEARCH CONFIGURATION %s (PARSER = %s)" % (n, self.full(w, o["parser"]) if o["parser"] else "pg_catalog.\"default\"")]
        for token, dictionary in sorted(o["mappings"].items()):
            out.append("ALTER TEXT SEARCH CONFIGURATION %s ADD MAPPING FOR %s WITH %s" % (
                n, token, self.full(w, dictionary) if isinstance(dictionary, Ref) else dictionary))
        return out + self.sundries_sql("TEXT SEARCH CONFIGURATION", n, o)

    # ---- tables ---------------------------------------------------------------------------------

    def default_sql(self, w, c):
        d = c["default"]
        if d["what"] == "value":
            return d["text"]
        if d["what"] == "sequence":
            return "nextval(%s)" % lit(self.full(w, d["of"]))
        if d["what"] == "function":
            f = w[d["of"]]
            return "(%s('2'::%s))::%s" % (self.full(w, d["of"]), f["argument"], self.type_sql(w, c))
        return "%s::%s" % (lit(w[d["of"]]["values"][0]), self.full(w, d["of"]))

    def identity_sql(self, w, t, i):
        out = [("SEQUENCE NAME %s.%s" % (q(t["schema"]), q(i["name"]))) if i["name"] else "", "INCREMENT BY %d" % i["increment"]]
        if i["increment"] > 0:
            out += ["MAXVALUE %d" % i["maximum"] if i["maximum"] else "", "START WITH %d" % i["start"] if i["start"] else ""]
        return " ".join(x for x in out + ["CACHE %d" % i["cache"], "CYCLE" if i["cycle"] else ""] if x)

    def column_sql(self, w, t, c):
        text = "%s %s%s" % (q(c["name"]), self.type_sql(w, c), self.collate(w, c["collate"]) if c["type"] in TEXTS else "")
        number = c["type"] in NUMBERS
        if c["generated"] and (number or c["type"] in TEXTS):
            text += " GENERATED ALWAYS AS %s STORED" % (("((id + %s)::%s)" if number else "((id * %s)::text)::%s") % (c["generated"], c["type"])
                                                        if number else "(((id * %s)::text)::%s)" % (c["generated"], c["type"]))
        elif c["identity"] and c["type"] in ("integer", "bigint", "smallint"):
            return text + " GENERATED %s AS IDENTITY (%s)" % (c["identity"]["how"], self.identity_sql(w, t, c["identity"]))
        elif c["default"]:
            text += " DEFAULT " + self.default_sql(w, c)
        return text + (" NOT NULL" if c["not_null"] else "")

    def column_after(self, w, n, c):
        change = "ALTER TABLE ONLY %s ALTER COLUMN %s " % (n, q(c["name"]))
        out = []
        if c["storage"] and c["type"] in LONG:
            out.append(change + "SET STORAGE " + c["storage"])
        if c["compression"] and c["type"] in LONG:
            out.append(change + "SET COMPRESSION " + c["compression"])
        if c["statistics"] is not None:
            out.append(change + "SET STATISTICS %d" % c["statistics"])
        if c["options"]:
            out.append(change + "SET (%s)" % c["options"])
        if c["comment"]:
            out.append("COMMENT ON COLUMN %s.%s IS %s" % (n, q(c["name"]), lit(c["comment"])))
        out += ["GRANT %s (%s) ON TABLE %s TO %s" % (p, q(c["name"]), n, q(r)) for p, r, _ in c["grants"]]
        return out

    def bound(self, w, t):
        how, no = w[t["partition_of"]]["partition_by"], t["no"]
        if how == "RANGE":
            return "FOR VALUES FROM (%d) TO (%d)" % (no * 100, no * 100 + 100)
        if how == "LIST":
            return "FOR VALUES IN (%s)" % ", ".join(str(no * 100 + n) for n in range(ROWS + 1))
        return "FOR VALUES WITH (MODULUS 1009, REMAINDER %d)" % (no % 1009)

    def with_sql(self, options):
        return " WITH (%s)" % ", ".join("%s = %s" % x for x in sorted(options.items())) if options else ""

    def sql_table(self, w, name, t):
        n = self.full(w, name)
        columns = [self.column_sql(w, t, c) for c in t["columns"]]
        if t["partition_of"]:
            head = " PARTITION OF %s %s" % (self.full(w, t["partition_of"]), self.bound(w, t))
        elif t["of"]:
            head = " OF %s" % self.full(w, t["of"])
        elif t["inherits"]:
            head = " (%s) INHERITS (%s)" % (", ".join(columns), ", ".join(self.full(w, p) for p in t["inherits"]))
        else:
            head = " (%s)" % ",\n  ".join(["id integer"] + columns)
        head += " PARTITION BY %s (id)" % t["partition_by"] if t["partition_by"] else ""
        plain = not t["partition_by"]
        out = ["CREATE %sTABLE %s%s%s" % ("UNLOGGED " if self.is_unlogged(w, name) else "", n, head, self.with_sql(t["options"]) if plain else "")]
        if not t["partition_of"] and not t["of"]:
            for c in t["columns"]:
                out += self.column_after(w, n, c)
        if t["security"]:
            out.append("ALTER TABLE %s ENABLE ROW LEVEL SECURITY" % n)
        if t["force"]:
            out.append("ALTER TABLE ONLY %s FORCE ROW LEVEL SECURITY" % n)
        if t["replica"]:
            out.append("ALTER TABLE ONLY %s REPLICA IDENTITY %s" % (n, t["replica"]))
        return out + self.sundries_sql("TABLE", n, t)

    def is_unlogged(self, w, name):
        t = w[name]
        return (t["unlogged"] and t["shape"] == "plain" and not any(k["type"] == "foreign" for k in t["keys"]) and
                not any(o["kind"] == "table" and (any(k["to"] == name for k in o["keys"]) or name in o["inherits"]) or
                        o["kind"] == "sequence" and o["owner"] == name for o in w.values()))

    def has_primary(self, w, t):
        """Of its own; the parent's is a partition's, too."""
        up = t["partition_of"] and self.has_primary(w, w[t["partition_of"]])
        first = next((k for k in t["keys"] if k["type"] in ("primary", "unique")), None)
        return up or any(k["type"] == "primary" and (not t["partition_by"] or k is first) for k in t["keys"])

    def has_own_primary(self, t):
        first = next((k for k in t["keys"] if k["type"] in ("primary", "unique")), None)
        return not t["partition_of"] and any(k["type"] == "primary" and (not t["partition_by"] or k is first) for k in t["keys"])

    def key_sql(self, w, name, t, k):
        whole = bool(t["partition_by"])
        if k["type"] == "primary":
            if t["partition_of"] or whole and k is not next(x for x in t["keys"] if x["type"] in ("primary", "unique")):
                return None
            text = "PRIMARY KEY (id)"
        elif k["type"] == "unique" and whole and k is not next(x for x in t["keys"] if x["type"] in ("primary", "unique")):
            return None  # which of several a partition's is joined to is the server's choice
        elif k["type"] == "unique":
            text = "UNIQUE %s(id)" % ("NULLS NOT DISTINCT " if k["nulls"] else "")
        elif k["type"] == "exclusion":
            if whole:
                return None
            return "EXCLUDE USING btree (id WITH =)%s%s" % (" WHERE (id > 3)" if k["nulls"] else "", k["deferrable"])
        elif k["type"] == "check":
            return "CHECK (%s)%s%s" % (k["text"], " NO INHERIT" if k["no_inherit"] and not whole else "", "" if k["valid"] or whole else " NOT VALID")
        else:
            to = k["to"]
            if not to or to == name or not any(x["type"] == "primary" and not x["deferrable"] for x in w[to]["keys"]) or not self.has_own_primary(w[to]) or (
                    w[to]["partition_of"] and self.has_primary(w, w[w[to]["partition_of"]])) or t["partition_of"] == to:
                return None
            return "FOREIGN KEY (id) REFERENCES %s (id)%s%s%s" % (self.full(w, to), k["action"], k["deferrable"],
                                                                 "" if k["valid"] or whole else " NOT VALID")
        second = next((c for c in t["columns"] if k["include"] and c["type"] in NUMBERS), None)
        return text + (" INCLUDE (%s)" % q(second["name"]) if second else "") + self.with_sql({} if whole else k["options"]) + k["deferrable"]

    def keys_sql(self, w, name, t, foreign):
        n, out = self.full(w, name), []
        for k in t["keys"]:
            text = self.key_sql(w, name, t, k) if (k["type"] == "foreign") == foreign else None
            if not text:
                continue
            out.append("ALTER TABLE %s ADD CONSTRAINT %s %s" % (n, q(k["name"]), text))
            if k["comment"]:
                out.append("COMMENT ON CONSTRAINT %s ON %s IS %s" % (q(k["name"]), n, lit(k["comment"])))
        return out

    def index_sql(self, w, name, t, i):
        n, whole, plain = self.full(w, name), bool(t["partition_by"]), i["method"] == "btree"
        rest = [c for c in self.all_columns(w, t) if c["type"] in NUMBERS or c["type"] in TEXTS]
        second = rest[i["second"]] if i["second"] < len(rest) else None
        order = (" DESC" if i["desc"] else "") + (" NULLS FIRST" if i["nulls"] else "") if plain else ""
        columns = ["id" + (" int4_ops" if i["opclass"] and i["method"] != "brin" else "") + order]
        if second and i["method"] != "hash":
            text = second["type"] == "text" and plain
            columns.append(q(second["name"]) + (' COLLATE "C" text_pattern_ops' if i["opclass"] and text else "") + order)
        if i["expression"] and i["method"] != "hash" and not (i["unique"] and whole):
            columns.append("((id %% %d))" % i["salt"])
        include = next((c for c in rest if i["include"] and plain and c is not second), None)
        out = ["CREATE %sINDEX %s ON %s USING %s (%s)%s%s%s" % (
            "UNIQUE " if i["unique"] and plain else "", q(i["name"]), n, i["method"], ", ".join(columns),
            " INCLUDE (%s)" % q(include["name"]) if include else "", self.with_sql(i["options"] if i["method"] != "brin" else {}),
            " WHERE id > %d" % i["salt"] if i["where"] or not plain or not i["expression"] else "")]
        full = "%s.%s" % (q(t["schema"]), q(i["name"]))
        if i["statistics"] and columns[-1].startswith("(("):
            out.append("ALTER INDEX %s ALTER COLUMN %d SET STATISTICS %d" % (full, len(columns), i["statistics"]))
        if i["comment"]:
            out.append("COMMENT ON INDEX %s IS %s" % (full, lit(i["comment"])))
        if i["clustered"] and plain and i["expression"] and not i["where"] and not whole and i is t["indexes"][0]:
            out.append("ALTER TABLE %s CLUSTER ON %s" % (n, q(i["name"])))
        return out

    def trigger_sql(self, w, name, t, x):
        n, function, constraint = self.full(w, name), self.full(w, x["function"]), x["constraint"] and not t["partition_by"]
        when = " WHEN (NEW.id < -5)" if x["when"] and "DELETE" not in x["event"] and (x["each"] == "ROW" or constraint) else ""
        out = ["CREATE %sTRIGGER %s %s %s ON %s%s FOR EACH %s%s EXECUTE FUNCTION %s()" % (
            "CONSTRAINT " if constraint else "", q(x["name"]), "AFTER" if constraint else x["moment"], x["event"], n,
            " DEFERRABLE INITIALLY DEFERRED" if constraint else "", "ROW" if constraint else x["each"], when, function)]
        if x["enabled"]:
            out.append("ALTER TABLE %s %s TRIGGER %s" % (n, x["enabled"], q(x["name"])))
        if x["comment"]:
            out.append("COMMENT ON TRIGGER %s ON %s IS %s" % (q(x["name"]), n, lit(x["comment"])))
        return out

    def parts_sql(self, w, name, t):
        n, out = self.full(w, name), []
        for i in t["indexes"]:
            out += self.index_sql(w, name, t, i)
        for s in t["statistics"]:
            full = "%s.%s" % (q(t["schema"]), q(s["name"]))
            out.append("CREATE STATISTICS %s%s ON id, (id %% 7) FROM %s" % (full, s["kinds"], n))
            if s["target"]:
                out.append("ALTER STATISTICS %s SET STATISTICS %d" % (full, s["target"]))
            if s["comment"]:
                out.append("COMMENT ON STATISTICS %s IS %s" % (full, lit(s["comment"])))
        for x in t["triggers"]:
            out += self.trigger_sql(w, name, t, x)
        for r in t["rules"]:
            out.append("CREATE RULE %s AS ON %s TO %s WHERE NEW.id < -5 DO ALSO NOTHING" % (q(r["name"]), r["event"], n))
            if r["enabled"]:
                out.append("ALTER TABLE %s %s RULE %s" % (n, r["enabled"], q(r["name"])))
            if r["comment"]:
                out.append("COMMENT ON RULE %s ON %s IS %s" % (q(r["name"]), n, lit(r["comment"])))
        for p in t["policies"]:
            using = "" if p["command"] == "INSERT" else " USING (%s)" % p["text"]
            check = "" if p["command"] == "SELECT" else " WITH CHECK (%s)" % p["text"]
            out.append("CREATE POLICY %s ON %s%s FOR %s%s%s%s" % (q(p["name"]), n, " AS RESTRICTIVE" if p["restrictive"] else "", p["command"],
                                                               " TO " + q(p["role"]) if p["role"] else "", using, check))
            if p["comment"]:
                out.append("COMMENT ON POLICY %s ON %s IS %s" % (q(p["name"]), n, lit(p["comment"])))
        return out

    # ---- what stands on tables -------------------------------------------------------------------

    def select(self, w, o):
        of = w[o["of"]]
        columns = ["id"]
        if of["kind"] == "table":
            columns += [q(c["name"]) for c in self.all_columns(w, of)[:o["columns"]]]
        elif of["kind"] == "foreign_table":
            columns += [q(c["name"]) for c in of["columns"][:o["columns"]]]
        if o.get("extra"):
            columns.append("%s AS %s" % (o["extra"], o.get("rename", "n")))
        return "SELECT %s FROM %s" % (", ".join(columns), self.full(w, o["of"]))

    def sql_view(self, w, name, o):
        n = self.full(w, name)
        options = ["security_barrier = true"] if o["barrier"] else []
        options += ["check_option = " + o["check"]] if o["check"] and w[o["of"]]["kind"] == "table" else []
        out = ["CREATE VIEW %s%s AS %s%s" % (n, " WITH (%s)" % ", ".join(options) if options else "", self.select(w, o),
                                            " WHERE id > 0" if o["where"] else "")]
        if o["of_column"]:
            out.append("COMMENT ON COLUMN %s.id IS %s" % (n, lit(o["of_column"])))
        if o["default"]:
            out.append("ALTER VIEW %s ALTER COLUMN id SET DEFAULT 5" % n)
        return out + self.sundries_sql("VIEW", n, o)

    def on_view(self, w, o):
        of = w[o["of"]]
        return of["kind"] == "matview" or of["kind"] == "view" and self.on_view(w, of)

    def mend_matview(self, w, name, o):
        return o["of"] is not None and w[o["of"]]["kind"] != "foreign_table" and not self.on_view(w, o) and not self.on_foreign(w, o)

    def on_foreign(self, w, o):
        of = w[o["of"]]
        return of["kind"] == "foreign_table" or of["kind"] in ("view", "matview") and self.on_foreign(w, of)

    def sql_matview(self, w, name, o):
        n = self.full(w, name)
        out = ["CREATE MATERIALIZED VIEW %s%s AS %s%s" % (n, self.with_sql(o["options"]), self.select(w, o), "" if o["filled"] else " WITH NO DATA")]
        if o["index"]:
            out.append("CREATE INDEX %s ON %s (id)" % (q(o["index"]), n))
        return out + self.sundries_sql("MATERIALIZED VIEW", n, o)

    def sql_publication(self, w, name, o):
        with_ = ["publish = '%s'" % o["publish"]] if o["publish"] else []
        with_ += ["publish_via_partition_root = true"] if o["root"] else []
        whats = []
        for t in o["tables"]:
            columns = " (id)" if o["columns"] and not o["schema"] else ""
            whats.append("TABLE ONLY %s%s%s" % (self.full(w, t), columns, " WHERE (id > 0)" if o["where"] and (o["publish"] == "insert") else ""))
        whats += ["TABLES IN SCHEMA %s" % q(o["schema"])] if o["schema"] else []
        what = " FOR ALL TABLES" if o["all"] else " FOR " + ", ".join(whats) if whats else ""
        return ["CREATE PUBLICATION %s%s%s" % (q(name), what, " WITH (%s)" % ", ".join(with_) if with_ else "")
                ] + self.sundries_sql("PUBLICATION", q(name), o)

    def sql_subscription(self, w, name, o):
        return ["CREATE SUBSCRIPTION %s CONNECTION 'dbname=none' PUBLICATION %s WITH (connect = false, slot_name = %s, synchronous_commit = %s, "
                "binary = %s, streaming = %s, disable_on_error = %s)" % (
                    q(name), ", ".join(q(p) for p in o["publications"]), lit(o["slot"]) if o["slot"] else "NONE", o["commit"],
                    str(o["binary"]).lower(), str(o["streaming"]).lower(), str(o["error"]).lower())]

    def sql_event_trigger(self, w, name, o):
        out = ["CREATE EVENT TRIGGER %s ON %s%s EXECUTE FUNCTION %s()" % (q(name), o["event"], " WHEN TAG IN ('CREATE TABLE', 'DROP TABLE')" if o["tags"] else "",
                                                                         self.full(w, o["function"]))]
        if o["enabled"]:
            out.append("ALTER EVENT TRIGGER %s %s" % (q(name), o["enabled"]))
        return out + self.sundries_sql("EVENT TRIGGER", q(name), o)

    def sql_defaults(self, w, name, o):
        privilege = {"TABLES": "SELECT", "SEQUENCES": "USAGE", "FUNCTIONS": "EXECUTE", "TYPES": "USAGE"}[o["what"]]
        head = "ALTER DEFAULT PRIVILEGES%s%s " % (" FOR ROLE " + q(o["role"]) if o["role"] else "", " IN SCHEMA " + q(o["in"]) if o["in"] else "")
        out = [head + "GRANT %s ON %s TO %s%s" % (privilege, o["what"], q(o["to"]), " WITH GRANT OPTION" if o["option"] else "")]
        if o["revoke"] and not o["in"] and o["what"] in ("FUNCTIONS", "TYPES"):
            out.append(head + "REVOKE %s ON %s FROM PUBLIC" % (privilege, o["what"]))
        return out

    # ---- the whole -----------------------------------------------------------------------------------

    def statements(self, world):
        names = sorted(world, key=lambda n: self.rank(n, world[n]))
        out, tables = [], [n for n in names if world[n]["kind"] == "table"]
        done = False
        for n in names:
            o = world[n]
            if not done and self.rank(n, o)[0] > self.rank(tables[0], world[tables[0]])[0] if tables else False:
                done = True
                out += self.all_parts(world, tables)
            out += getattr(self, "sql_" + o["kind"])(world, n, o)
        if tables and not done:
            out += self.all_parts(world, tables)
        return out

    def all_parts(self, w, tables):
        out = []
        for n in tables:
            out += self.keys_sql(w, n, w[n], False)
        for n in tables:
            out += self.keys_sql(w, n, w[n], True)
        for n in tables:
            out += self.parts_sql(w, n, w[n])
        for n, o in w.items():
            if o["kind"] == "sequence" and o["owner"] and w[o["owner"]]["schema"] == o["schema"]:
                if self.owners and w[o["owner"]]["owner_role"]:
                    out.append("ALTER SEQUENCE %s OWNER TO %s" % (self.full(w, n), q(w[o["owner"]]["owner_role"])))
                out.append("ALTER SEQUENCE %s OWNED BY %s.id" % (self.full(w, n), self.full(w, o["owner"])))
        return out

    def value_of(self, a, b, c, n):
        kind = c["type"]
        if c.get("array"):
            return None
        if not isinstance(kind, Ref):
            return value(kind, n)
        if kind not in b or b[kind]["kind"] != a[kind]["kind"]:
            return None
        if a[kind]["kind"] == "enum":
            both = [v for v in a[kind]["values"] if v in b[kind]["values"]]
            return lit(both[n % len(both)]) if both else None
        if a[kind]["kind"] == "domain":
            return value(a[kind]["type"], n) if family(a[kind]["type"]) == family(b[kind]["type"]) else None
        return None

    def lost_default(self, a, b, c):
        """A value of an enum that is to have none of its values: rows that have it stop the change for a good reason."""
        return isinstance(c["type"], Ref) and a[c["type"]]["kind"] == "enum" and bool(c["default"])

    def writes(self, c):
        return not c["generated"] and not c["identity"]

    def can_have_rows(self, a, b, name):
        """Would rows stop the change for a good reason?"""
        t, new = a[name], b.get(name)
        if t["partition_by"] or (t["partition_of"] and a[t["partition_of"]]["partition_by"] == "HASH"):
            return False
        for world in (a, b):
            if any(name in (x["partition_of"], *x["inherits"]) for x in world.values() if x["kind"] == "table"):
                return False
            if name in world and self.foreign_keys(world, world[name]):
                return False
        columns = self.all_columns(a, t)
        if any((c["not_null"] or self.not_null_domain(a, c)) and self.writes(c) and self.value_of(a, b, c, 1) is None for c in columns):
            return False
        if not new:
            return True
        if new["kind"] != "table" or new["partition_by"] or (new["partition_of"] and b[new["partition_of"]]["partition_by"] == "HASH"):
            return False
        old = {c["name"]: c for c in columns}
        for c in self.all_columns(b, new):
            before = old.get(c["name"])
            if before is None or not self.writes(before) or before["type"] == "smallint":
                if c["not_null"] or self.not_null_domain(b, c) or c["identity"]:
                    return False
                if before and self.writes(c) and family(before["type"]) != family(c["type"]):
                    return False
            elif self.writes(c):
                if family(before["type"]) != family(c["type"]) or before.get("array") != c.get("array"):
                    return False
                if (c["not_null"] or self.not_null_domain(b, c)) and self.value_of(a, b, before, 1) is None:
                    return False
            elif c["identity"] and family(before["type"]) != "number":
                return False
        return True

    def not_null_domain(self, w, c):
        return isinstance(c["type"], Ref) and w[c["type"]]["kind"] == "domain" and w[c["type"]]["not_null"]

    def foreign_keys(self, w, t):
        up = ([t["partition_of"]] if t["partition_of"] else []) + t["inherits"]
        return any(k["type"] == "foreign" for k in t["keys"]) or any(self.foreign_keys(w, w[p]) for p in up)

    def rows(self, a, b):
        out = []
        for name in self.tables(a):
            t = a[name]
            if not self.can_have_rows(a, b, name):
                continue
            columns = [c for c in self.all_columns(a, t) if self.writes(c) and (self.value_of(a, b, c, 1) is not None or self.lost_default(a, b, c))]
            for n in range(1, ROWS + 1):
                out.append("INSERT INTO %s (%s) VALUES (%s)" % (self.full(a, name), ", ".join(["id"] + [q(c["name"]) for c in columns]),
                           ", ".join([str(t["no"] * 100 + n)] + [self.value_of(a, b, c, n) or "NULL" for c in columns])))
        return out

    def alike(self, a, b):
        """Per table the columns whose values the change has no reason to touch."""
        for name in self.tables(a):
            t, new = a[name], b.get(name)
            if not new or new["kind"] != "table" or bool(new["partition_by"]) != bool(t["partition_by"]) or new["schema"] != t["schema"]:
                continue
            types = {c["name"]: c for c in self.all_columns(b, new)}
            same = ["id"]
            for c in self.all_columns(a, t):
                other = types.get(c["name"])
                if other and other["type"] == c["type"] and self.writes(c) and self.writes(other) and other.get("array") == c.get("array") and (
                        not isinstance(c["type"], Ref) or a[c["type"]]["kind"] == "enum" or a[c["type"]] == b.get(c["type"])):
                    same.append(c["name"])
            yield self.full(a, name), same


def near(maker, world):
    return maker.changed(copy.deepcopy(world))
