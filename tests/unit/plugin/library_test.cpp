#include <fstream>
#include <iterator>

#include "plugin/checksum.hpp"
#include "plugin/elf.hpp"
#include "plugin/library.hpp"
#include "report/failure.hpp"
#include "support/library.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

using dibs::plugin::read_library;
using dibs::plugin::Version;
using dibs::tests::contains;

namespace {

const char* const stem = "m2026_01_01_000000_one";

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string refused(const std::filesystem::path& path, const char* as = stem) {
    try {
        static_cast<void>(read_library(path, *Version::from_stem(as)));
    } catch (const dibs::report::Failure& failure) {
        CHECK_FALSE(failure.hint().empty());
        return failure.what();
    }
    return "accepted";
}

} // namespace

TEST_CASE("a library tells its note, its source and its checksum without being loaded") {
    const dibs::tests::TemporaryDirectory folder;
    const std::string source =
        dibs::tests::source_around("ctx.log(\"x\");", ".transaction = false, .description = \"why\"");
    const auto library = dibs::tests::build_library(folder.path(), stem, source);
    const auto read = read_library(library, *Version::from_stem(stem));
    CHECK(read.source == source);
    CHECK(read.checksum == dibs::plugin::source_checksum(source));
    CHECK(read.note.source == std::string(stem) + ".cpp");
    CHECK_FALSE(read.note.transaction);
    CHECK(read.note.description == "why");
    CHECK_FALSE(read.has_rollback);
}

TEST_CASE("whether a library has a rollback() is told without loading it") {
    const dibs::tests::TemporaryDirectory folder;
    const auto has = [&](const std::string& source) {
        return read_library(dibs::tests::build_library(folder.path(), stem, source),
                            *Version::from_stem(stem))
            .has_rollback;
    };
    CHECK(has(dibs::tests::reversible_source("", "")));
    const std::string source = dibs::tests::source_around("");
    CHECK_FALSE(has(source + "namespace { [[maybe_unused]] void rollback(int) {} }\n"));
    CHECK_FALSE(has(source + "extern \"C\" __attribute__((visibility(\"default\"))) void rollback2() {}\n"));
    // A name that is only wanted: the library would take whatever else in the process has it.
    CHECK_FALSE(has(source + "void call(dibs::MigrationContext& ctx) { rollback(ctx); }\n"));
}

TEST_CASE("a library cut off anywhere is refused with its name") {
    const dibs::tests::TemporaryDirectory folder;
    const auto library = dibs::tests::build_library(folder.path(), stem, dibs::tests::source_around(""));
    const std::string whole = bytes_of(library);
    for (std::size_t i = 0; i < 50; ++i) {
        write(library, whole.substr(0, whole.size() * i / 50));
        const std::string message = refused(library);
        INFO(i << ": " << message);
        CHECK(contains(message, library.string()));
    }
}

TEST_CASE("a library with flipped bytes is read or refused, and nothing worse") {
    const dibs::tests::TemporaryDirectory folder;
    const auto library = dibs::tests::build_library(folder.path(), stem, dibs::tests::source_around(""));
    const std::string whole = bytes_of(library);
    std::size_t refusals = 0;
    const auto check = [&](const std::string& changed) {
        try {
            static_cast<void>(
                dibs::plugin::read_elf(changed.size(), [&](std::uint64_t offset, std::size_t size) {
                    REQUIRE(offset + size <= changed.size());
                    return changed.substr(offset, size);
                }));
        } catch (const dibs::plugin::BadElf&) {
            ++refusals;
        }
    };
    for (std::size_t at = 0; at < 1024; ++at)
        for (const char value : {'\0', '\x7f', '\xff'}) {
            std::string changed = whole;
            changed[at] = value;
            check(changed);
        }
    CHECK(refusals > 100);
}

TEST_CASE("what is no migration's library is refused with the reason") {
    const dibs::tests::TemporaryDirectory folder;
    const auto path = folder.path() / "x.so";
    CHECK(contains(refused(folder.path() / "absent.so"), "No such file"));
    write(path, "");
    CHECK(contains(refused(path), "the file is empty"));
    write(path, std::string(1000, 'x'));
    CHECK(contains(refused(path), "no ELF header"));
    std::string whole =
        bytes_of(dibs::tests::build_library(folder.path(), stem, dibs::tests::source_around("")));
    whole[18] = static_cast<char>(whole[18] ^ 0x7f); // e_machine
    write(path, whole);
    CHECK(contains(refused(path), "another machine"));
    CHECK(contains(refused("/proc/self/exe"), "not a dibs migration"));
}

TEST_CASE("a renamed or copied library is told by its note") {
    const dibs::tests::TemporaryDirectory folder;
    const auto library = dibs::tests::build_library(folder.path(), stem, dibs::tests::source_around(""));
    CHECK(contains(refused(library, "m2026_01_02_000000_two"),
                   "built from m2026_01_01_000000_one.cpp, so it was renamed or copied"));
}

TEST_CASE("the checksum is that of the text, whatever its line endings and byte order mark") {
    using dibs::plugin::source_checksum;
    CHECK(source_checksum("") ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"); // FIPS 180-4
    CHECK(source_checksum("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(source_checksum("\xEF\xBB\xBF"
                          "a\r\nb\r\n") == source_checksum("a\nb\n"));
    CHECK(source_checksum("a\rb") != source_checksum("a\nb"));
    CHECK(source_checksum("a ") != source_checksum("a"));
}
