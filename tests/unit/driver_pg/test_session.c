#include "tests/unit/driver_pg/tests.h"
int test_session(void) { return 0; }
