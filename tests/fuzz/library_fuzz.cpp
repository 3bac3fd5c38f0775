#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugin/elf.hpp"
#include "plugin/note.hpp"

/// A file in a migrations' folder: what is read of it without loading it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view file(reinterpret_cast<const char*>(data), size);
    const dibs::plugin::ReadRange read = [file](std::uint64_t offset, std::size_t bytes) {
        if (offset > file.size() || bytes > file.size() - offset)
            std::abort(); // they have promised not to
        return std::string(file.substr(offset, bytes));
    };
    try {
        const dibs::plugin::ElfParts parts = dibs::plugin::read_elf(size, read);
        if (const auto note = dibs::plugin::parse_note(parts.note))
            static_cast<void>(dibs::plugin::refusal(*note));
    } catch (const dibs::plugin::BadElf&) { // with a reason for the user
    }
    try {
        static_cast<void>(dibs::plugin::read_elf_dependencies(size, read));
    } catch (const dibs::plugin::BadElf&) {
    }
    if (const auto note = dibs::plugin::parse_note(file))
        static_cast<void>(dibs::plugin::refusal(*note));
    return 0;
}
