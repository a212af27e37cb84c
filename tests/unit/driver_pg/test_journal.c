#include "tests/unit/driver_pg/tests.h"
int test_journal(void) { return 0; }
