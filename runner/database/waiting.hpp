#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "database/connection.hpp"

namespace dibs::database {

/// Connects; while the server is not there, cannot be found by its name or is starting up, tries again until
/// `limit` has passed. What waiting does not mend (a wrong password, a missing database) ends it at once.
/// @param limit zero for one attempt
/// @param waiting is called once, when the first attempt has failed and another will be made, with the reason
/// @throws report::Failure as Connection does, with the last reason
Connection connect_within(std::chrono::milliseconds limit, const std::string& conninfo,
                          std::string_view application_name,
                          const std::function<void(std::string_view)>& waiting);

} // namespace dibs::database
