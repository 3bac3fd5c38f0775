#include <cstdint>
#include <cstdlib>
#include <string>

#include "report/redactor.hpp"
#include "report/text.hpp"

/// What the server, libpq or a migration says, on its way to a terminal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(dibs::report::redact(text));
    const std::string shown = dibs::report::harmless(text);
    if (dibs::report::harmless(shown) != shown || dibs::report::first_not_utf8(shown))
        std::abort();
    return 0;
}
