#include "tests/unit/driver_pg/tests.h"
int test_statement(void) { return 0; }
