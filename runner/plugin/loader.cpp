#include "plugin/loader.hpp"

#define BOOST_DLL_USE_STD_FS // else Boost.Filesystem must be linked
#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <system_error>

#include <fmt/format.h>

#include "plugin/checksum.hpp"
#include "report/failure.hpp"

namespace dibs::plugin {
namespace {

using report::ExitCode;
using report::Failure;

Failure changed(const std::filesystem::path& path) {
    return {ExitCode::other,
            fmt::format("{}: changed between the check and the loading, so it was not run", path.string()),
            "Let the build end, then run dibs again."};
}

/// Boost puts a misleading errno text around what the loader said ("...: Illegal seek"); the loader's own
/// words name the file and the symbol.
std::string loader_text(const std::filesystem::path& path, std::string_view boost_text) {
    const std::size_t start = boost_text.find(path.string() + ": ");
    if (start == std::string_view::npos)
        return path.string() + ": " + std::string(boost_text);
    std::string_view text = boost_text.substr(start);
    for (const std::string_view end : {"): ", ": Illegal seek", ": Bad file descriptor", ": Success"})
        text = text.substr(0, text.rfind(end));
    return std::string(text);
}

boost::dll::shared_library load(const std::string& file) {
    const std::filesystem::path path = std::filesystem::absolute(file); // a bare name is searched for
    // Boost hands the mode to dlopen() as it is. RTLD_NODELETE makes every later dlclose() do nothing.
    const auto mode = boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local |
                      static_cast<boost::dll::load_mode::type>(RTLD_NODELETE);
    try {
        return boost::dll::shared_library(path, mode);
    } catch (const std::system_error& error) {
        throw Failure(ExitCode::other, loader_text(path, error.what()),
                      "Build it again; if a symbol is undefined, name its library in "
                      "dibs_add_migrations(... LINK_LIBRARIES ...).");
    } catch (const std::exception& error) {
        throw Failure(ExitCode::other,
                      fmt::format("{}: a static constructor in it threw: {}", path.string(), error.what()),
                      "Move that work into migrate().");
    }
}

LoadedLibrary::Function find(const boost::dll::shared_library& library, const char* name) {
    if (!library.has(name))
        return nullptr;
    return &library.get<void(dibs::MigrationContext&)>(name);
}

/// The loader opens the path again.
void check_identity(const std::string& path, const FileIdentity& wanted) {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool same = descriptor >= 0 && identify(descriptor) == wanted;
    if (descriptor >= 0)
        close(descriptor);
    if (!same)
        throw changed(path);
}

} // namespace

Expected expected(const Library& library) {
    return {library.path, library.identity, library.checksum, library.source_address, library.source.size()};
}

LoadedLibrary::LoadedLibrary(const Expected& wanted) {
    check_identity(wanted.path, wanted.identity); // and its own source after loading
    const boost::dll::shared_library library = load(wanted.path);
    const link_map* map = nullptr;
    if (dlinfo(library.native(), RTLD_DI_LINKMAP, &map) != 0)
        throw changed(wanted.path);
    const auto* const source = reinterpret_cast<const char*>(map->l_addr + wanted.source_address);
    if (source_checksum({source, wanted.source_size}) != wanted.checksum)
        throw changed(wanted.path);

    migrate_ = find(library, "migrate");
    rollback_ = find(library, "rollback");
    if (migrate_ == nullptr)
        throw Failure(ExitCode::other, fmt::format("{}: it has no function migrate", wanted.path),
                      "Build it with dibs_add_migrations().");
}

LoadedSchema::LoadedSchema(const std::string& path, const FileIdentity& identity) {
    check_identity(path, identity);
    const boost::dll::shared_library library = load(path);
    if (!library.has("dibs_describe_schema"))
        throw Failure(ExitCode::other, fmt::format("{}: it has no function dibs_describe_schema", path),
                      "Build it with dibs_add_schema().");
    describe_ = &library.get<void(dibs::SchemaSink&)>("dibs_describe_schema");
}

} // namespace dibs::plugin
