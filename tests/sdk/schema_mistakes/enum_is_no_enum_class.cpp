#include <dibs/schema.hpp>

enum State { open, paid };

DIBS_ENUM(State, "state");

// both: dibs: DIBS_ENUM is for an enum class
