#include <dibs/schema.hpp>

struct Price {
    dibs::numeric<1001, 2> amount;
};

DIBS_TABLE(Price, "prices") {}

// both: dibs: numeric has a precision of 1 to 1000
