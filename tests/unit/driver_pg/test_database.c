#include "tests/unit/driver_pg/tests.h"
int test_database(void) { return 0; }
