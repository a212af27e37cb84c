/* SPDX-License-Identifier: Apache-2.0
 *
 * The two tables of PostgreSQL's DDL. For this room only.
 */
#ifndef WB_SCHEMA_DDL_POSTGRES_H
#define WB_SCHEMA_DDL_POSTGRES_H

#include "schema/schema.h"

#define ALTER_COLUMN "ALTER TABLE ONLY {parent} ALTER COLUMN {ident} "
#define DEFAULT_PRIVILEGES "ALTER DEFAULT PRIVILEGES FOR ROLE {role}[ IN SCHEMA {schema}] "

extern const struct wb_ddl_attr wb_ddl_postgres_attrs[], wb_ddl_postgres_early[], wb_ddl_postgres_late[];
extern const char wb_ddl_postgres_change_type[];

/* What the texts need worked out (ddl_postgres_holes.c). */
bool wb_ddl_postgres_hole(const struct wb_ddl_hole *h, struct wb_str *out);
bool wb_ddl_postgres_can_alter(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *d);
bool wb_ddl_postgres_loses_values(const struct wb_object *from, const struct wb_object *to);
/* See wb_ddl.settle. */
void wb_ddl_postgres_settle(const struct wb_model *from, const struct wb_object *made, struct wb_str *out);

#endif
