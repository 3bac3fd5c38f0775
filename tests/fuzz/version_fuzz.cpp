#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/version.hpp"

/// A file's name, and a version as a history may hold it; each names itself again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using dibs::plugin::Version;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto version = Version::from_stem(text)) {
        if (version->stem() != text || Version::parse(version->to_string()) != version)
            std::abort();
        if (!dibs::plugin::resembles_migration(text))
            std::abort();
    }
    if (const auto version = Version::parse(text))
        if (Version::parse(version->to_string()) != version || Version::from_stem(version->stem()) != version)
            std::abort();
    return 0;
}
