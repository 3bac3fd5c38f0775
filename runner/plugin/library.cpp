#include "plugin/library.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "plugin/checksum.hpp"
#include "report/failure.hpp"
#include "report/text.hpp"

namespace dibs::plugin {
namespace {

using report::ExitCode;
using report::Failure;

const char* const rebuild = "Remove it and build the migrations again.";
const char* const find = "Build the migrations again, or give the right --dir.";

class File {
  public:
    File(const std::string& path, const char* hint) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0)
            throw Failure(ExitCode::other, fmt::format("cannot read {}: {}", path, std::strerror(errno)),
                          hint);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { close(descriptor_); }
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

/// A small library fits into the first read as a whole; of a large one only what is asked for is read.
class Reader {
  public:
    Reader(int descriptor, std::uint64_t file_size)
        : descriptor_(descriptor), head_(read(0, std::min<std::uint64_t>(file_size, 16384))) {}

    [[nodiscard]] std::string range(std::uint64_t offset, std::size_t size) const {
        if (offset + size <= head_.size())
            return head_.substr(offset, size);
        return read(offset, size);
    }

  private:
    [[nodiscard]] std::string read(std::uint64_t offset, std::size_t size) const {
        std::string bytes(size, '\0');
        std::size_t done = 0;
        while (done < size) {
            const ssize_t got =
                pread(descriptor_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                throw BadElf(std::strerror(errno));
            if (got == 0)
                break; // the file's end, or it shrank: what is missing is found missing
            done += static_cast<std::size_t>(got);
        }
        bytes.resize(done);
        return bytes;
    }

    int descriptor_;
    std::string head_;
};

/// What `parse` makes of the file's size and bytes.
template <class Parse>
auto parsed(const std::string& path, const File& file, std::uint64_t size, Parse parse,
            const char* hint = rebuild) {
    try {
        const Reader reader(file.descriptor(), size);
        return parse(size, [&](std::uint64_t offset, std::size_t wanted) {
            std::string bytes = reader.range(offset, wanted);
            if (bytes.size() != wanted)
                throw BadElf("the file changed while it was read");
            return bytes;
        });
    } catch (const BadElf& error) {
        throw Failure(ExitCode::other, fmt::format("{}: {}", path, error.what()), hint);
    }
}

} // namespace

FileIdentity identify(int file_descriptor) {
    struct stat facts {};
    if (fstat(file_descriptor, &facts) != 0)
        throw Failure(ExitCode::other, fmt::format("cannot look at an open file: {}", std::strerror(errno)));
    return {static_cast<std::uint64_t>(facts.st_dev),
            facts.st_ino,
            static_cast<std::uint64_t>(facts.st_size),
            facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec,
            {facts.st_uid, facts.st_gid, facts.st_mode}};
}

Library read_library(const std::string& path, const Version& version) {
    const File file(path, find);
    const FileIdentity identity = identify(file.descriptor());
    ElfParts parts = parsed(path, file, identity.size, read_elf);
    if (parts.note.empty())
        throw Failure(
            ExitCode::other,
            fmt::format("{}: a shared library, but not a dibs migration (it has no dibs note)", path),
            "Build it with dibs_add_migrations(), from a source that says DIBS_MIGRATION().");
    std::optional<Note> note = parse_note(parts.note);
    if (!note)
        throw Failure(ExitCode::other, fmt::format("{}: its dibs note makes no sense", path), rebuild);
    if (note->source != version.stem() + ".cpp")
        throw Failure(ExitCode::other,
                      fmt::format("{}: built from {}, so it was renamed or copied", path, note->source),
                      "Rename the source, build again, and remove this file.");
    if (report::first_not_utf8(note->description)) // the history could not keep it, and that is found last
        throw Failure(ExitCode::other, fmt::format("{}: the .description in it is not UTF-8", path),
                      "Save its source with the encoding UTF-8, and build it again.");
    if (!parts.source)
        throw Failure(ExitCode::other,
                      fmt::format("{}: it does not hold its own source (section .dibs.source)", path),
                      "Build it with dibs_add_migrations(), and do not strip that section.");
    Library library{version,
                    path,
                    identity,
                    *std::move(note),
                    *std::move(parts.source),
                    {},
                    parts.source_address,
                    parts.has_rollback};
    library.checksum = source_checksum(library.source);
    return library;
}

ElfDependencies read_dependencies(const std::string& path, const FileIdentity& identity) {
    const File file(path, find);
    if (identify(file.descriptor()) != identity)
        throw Failure(ExitCode::other, fmt::format("{}: changed while dibs looked at it", path),
                      "Let the build end, then run dibs again.");
    return parsed(path, file, identity.size, read_elf_dependencies);
}

SchemaLibrary read_schema_library(const std::string& path) {
    const std::string build =
        "Build it with dibs_add_schema(DIRECTORY schema) in CMakeLists.txt, or name another in "
        "dibs.yaml (schema_library).";
    const File file(path, build.c_str());
    const FileIdentity identity = identify(file.descriptor());
    const ElfParts parts =
        parsed(path, file, identity.size, read_elf, "Remove it and build the schema again.");
    std::optional<Note> note = parse_note(parts.note);
    if (!note)
        throw Failure(
            ExitCode::other,
            fmt::format("{}: a shared library, but not a schema (it has no dibs note that makes sense)",
                        path),
            build);
    if (const auto refused = refusal(*note, "schema"))
        throw Failure(ExitCode::other, fmt::format("{} cannot be loaded: {}", path, refused->reason),
                      refused->hint);
    return {path, identity, *std::move(note)};
}

} // namespace dibs::plugin
