#include "plugin/safety.hpp"

#include <catch2/catch.hpp>

#include "report/failure.hpp"
#include "support/library.hpp"
#include "support/temporary_directory.hpp"

using namespace dibs::plugin;
using dibs::tests::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

const char* const stem = "m2026_01_01_000000_one";

Library built(const fs::path& folder, const std::vector<std::string>& flags) {
    dibs::tests::build_library(folder, stem, dibs::tests::source_around(""));
    dibs::tests::compile(folder / (std::string(stem) + ".cpp"), folder / (std::string(stem) + ".so"), flags);
    return read_library(folder / (std::string(stem) + ".so"), *Version::from_stem(stem));
}

std::string refused(const Library& library) {
    dibs::process::AccessCheck check;
    try {
        refuse_search_path(check, library);
    } catch (const dibs::report::Failure& failure) {
        CHECK_THAT(failure.hint(), Catch::Contains("--allow-unsafe-libraries"));
        return std::string(failure.what()).substr(library.path.size());
    }
    return "accepted";
}

} // namespace

TEST_CASE("the entries of a search path that depend on the current folder are told from the others") {
    const auto split = [](const char* list) {
        const SearchPath path = split_search_path(list);
        std::string text = path.fixed + " |";
        for (const std::string& entry : path.relative)
            text += " '" + entry + "'";
        return text;
    };
    CHECK(split("") == " |");
    CHECK(split("/a:/b") == "/a:/b |");
    CHECK(split(":/a") == "/a | ''");
    CHECK(split("/a:") == "/a | ''");
    CHECK(split("/a::/b") == "/a:/b | ''");
    CHECK(split("/a;lib;./x;/b") == "/a:/b | 'lib' './x'");
    CHECK(split(":") == " | '' ''");
    CHECK(split("$ORIGIN/../lib:${ORIGIN}:$ORIGINAL:$LIB") ==
          "$ORIGIN/../lib:${ORIGIN} | '$ORIGINAL' '$LIB'");
}

TEST_CASE("a library that looks for others below the current folder is refused") {
    const TemporaryDirectory folder;
    CHECK(refused(built(folder.path(), {})) == "accepted");
    CHECK(refused(built(folder.path(), {"-Wl,-rpath,/usr/lib:$ORIGIN:${ORIGIN}/lib"})) == "accepted");
    CHECK(
        refused(built(folder.path(), {"-Wl,-rpath,/usr/lib:lib"})) ==
        " is not loaded: it looks for other libraries in lib, a path from the current folder (its RUNPATH is "
        "/usr/lib:lib)");
    CHECK(refused(built(folder.path(), {"-Wl,-rpath,/usr/lib:"})) ==
          " is not loaded: it looks for other libraries in the current folder (its RUNPATH is /usr/lib:)");
    CHECK(refused(built(folder.path(), {"-Wl,--disable-new-dtags", "-Wl,-rpath,."})) ==
          " is not loaded: it looks for other libraries in ., a path from the current folder (its RUNPATH is "
          ".)");
}

TEST_CASE("a library that looks for others where anybody could put one is refused") {
    const TemporaryDirectory folder;
    fs::create_directory(folder.path() / "lib");
    const std::string lib = folder.path() / "lib";
    const std::vector<std::string> flags{"-Wl,-rpath,$ORIGIN/lib"};
    CHECK(refused(built(folder.path(), flags)) == "accepted");
    fs::permissions(lib, fs::perms::all);
    CHECK(refused(built(folder.path(), flags)) == " is not loaded: it looks for other libraries in " + lib +
                                                      " (RUNPATH), and " + lib +
                                                      " can be written by everyone");
    fs::remove(lib);
    CHECK(refused(built(folder.path(), flags)) == "accepted"); // nobody else can make it
    CHECK_THAT(refused(built(folder.path(), {"-Wl,-rpath,/tmp/dibs-no-such-folder"})),
               Catch::Contains("/tmp/dibs-no-such-folder is not there, and everyone can make it"));
}

TEST_CASE("a library that needs another by a path from the current folder is refused") {
    const TemporaryDirectory folder;
    dibs::tests::build_library(folder.path(), "other", "int other() { return 1; }");
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    const Library library = built(folder.path(), {"-Wl,--no-as-needed", "./other.so"});
    fs::current_path(before);
    CHECK(refused(library) == " is not loaded: it needs ./other.so, a path from the current folder");
}
