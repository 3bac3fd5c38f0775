#include "worker/session.hpp"

namespace dibs::worker {

void Table::add(std::optional<std::string_view> value) {
    if (!value) {
        cells.emplace_back();
        return;
    }
    cells.push_back({text.size(), static_cast<std::uint32_t>(value->size())});
    text += *value;
    text += '\0';
}

} // namespace dibs::worker
