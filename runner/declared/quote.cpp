#include "declared/quote.hpp"

namespace dibs::declared {

std::string quoted(const Name& name) {
    return name.schema.empty() ? quoted(name.name) : quoted(name.schema) + "." + quoted(name.name);
}

} // namespace dibs::declared
