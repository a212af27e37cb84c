#include "tests/unit/driver_pg/tests.h"
int test_monitor(void) { return 0; }
