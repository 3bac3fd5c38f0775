#include "config/environment.hpp"

#include <cstdlib>

namespace dibs::config {

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
    };
}

} // namespace dibs::config
