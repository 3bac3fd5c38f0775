#include "plugin/note.hpp"

using dibs::plugin::Note;
using dibs::plugin::own_note;
using dibs::plugin::parse_note;
using dibs::plugin::refusal;

TEST_CASE("a note is read back, and unknown keys do not matter") {
    const auto note = parse_note(
        "abi=1.0\nkind=migration\nsource=m.cpp\ncompiler=gcc 12.2.0\nfuture=x\nstandard_library=libstdc++ "
        "12\nstring_abi=1\nsanitizer=none\ntransaction=0\nlock_timeout_ms=5000\ndescription=a = b\n");
    REQUIRE(note);
    CHECK(note->abi_major == 1);
    CHECK(note->source == "m.cpp");
    CHECK_FALSE(note->transaction);
    CHECK(note->lock_timeout_ms == 5000);
    CHECK(note->description == "a = b");
}

TEST_CASE("a note that makes no sense is none") {
    for (const char* text :
         {"", "kind=migration\n", "abi=\n", "abi=x.y\n", "abi=1\n", "abi=0.1\n", "abi=-1.0\n",
          "abi=99999999999999.0\n", "abi=1.0\ntransaction=maybe\n", "abi=1.0\nlock_timeout_ms=-5\n"})
        CHECK_FALSE(parse_note(text));
}

TEST_CASE("what this runner may not load is refused with a reason and a way out") {
    CHECK_FALSE(refusal(own_note()));
    const auto reason = [](auto change) {
        Note note = own_note();
        change(note);
        const auto found = refusal(note);
        return found && !found->hint.empty() ? found->reason : "accepted";
    };
    const std::string own = "1." + std::to_string(own_note().abi_minor);
    CHECK(reason([](Note& n) {
              n.abi_major = 2;
              n.abi_minor = 0;
          }).find("plug-in ABI 2.0, this dibs has " + own) != std::string::npos);
    CHECK(reason([](Note& n) { n.abi_minor = 99; }).find("only " + own) != std::string::npos);
    CHECK(reason([](Note& n) { n.abi_minor = 0; }) == "accepted");
    CHECK(reason([](Note& n) { n.kind = "schema"; }).find("not a migration") != std::string::npos);
    CHECK(reason([](Note& n) { n.standard_library = "libc++ 14000"; }).find("standard library") !=
          std::string::npos);
    CHECK(reason([](Note& n) { n.string_abi = "0"; }).find("string ABI 0") != std::string::npos);
    CHECK(reason([](Note& n) { n.sanitizer = "memory"; }).find("sanitizer 'memory'") != std::string::npos);
}

TEST_CASE("another version of the compiler or of the same library is no reason") {
    Note note = own_note();
    note.compiler = "gcc 13.1.0";
    note.sanitizer = "none";
    note.standard_library = "libstdc++ 13";
    CHECK_FALSE(refusal(note));
}
