#include "database/parameters.hpp"

#include <memory>

#include <libpq-fe.h>

#include "database/connection.hpp"
#include "database/libpq_message.hpp"
#include "report/failure.hpp"

namespace dibs::database {
namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

bool is_set(const Options& options, std::string_view keyword) {
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option)
        if (option->keyword == keyword)
            return option->val != nullptr;
    return false;
}

/// Text that is neither a URL nor has a '=' is a database's name to libpq.
/// @throws report::Failure (usage): what cannot be parsed is a mistake in the configuration
Options parsed(const std::string& conninfo) {
    if (conninfo.find('=') == std::string::npos && conninfo.find("://") == std::string::npos)
        return nullptr;
    char* reason = nullptr;
    Options options(PQconninfoParse(conninfo.c_str(), &reason));
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(reason, &PQfreemem);
    if (!options)
        throw report::Failure(
            report::ExitCode::usage, "the connection string is malformed: " + trimmed(reason),
            "It is a URL, as in postgresql://user@host/database, or key=value pairs, as in host=localhost "
            "dbname=app.");
    return options;
}

} // namespace

Parameters::Parameters(const std::string& conninfo, std::string_view application_name,
                       std::chrono::seconds patience, Overrides overrides)
    : conninfo_(conninfo), application_name_(application_name), patience_(std::to_string(patience.count())) {
    // libpq lets later keywords win, and expands dbname where it stands: the user's own settings override
    // those before it ("Database Connection Control Functions").
    add("keepalives_idle", "30");
    add("keepalives_interval", "10");
    add("keepalives_count", "3");
    add("fallback_application_name", application_name_.c_str());
    // A keyword also comes before the environment and a service, which PQconndefaults() knows; but of a
    // service named in the string only libpq itself reads what it says.
    const Options given = parsed(conninfo);
    const Options defaults(PQconndefaults());
    if (!is_set(defaults, "connect_timeout") && !is_set(given, "service"))
        add("connect_timeout", patience_.c_str());
    add("dbname", conninfo_.c_str());
    add("client_encoding", "UTF8");
    for (const auto& [keyword, value] : overrides)
        add(keyword, value);
    add(nullptr, nullptr);
}

void Parameters::add(const char* keyword, const char* value) {
    keywords_.push_back(keyword);
    values_.push_back(value);
}

bool may_come_up(const std::string& conninfo, std::chrono::seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const Parameters parameters(conninfo, "dibs", patience);
    const PGPing answer = PQpingParams(parameters.keywords(), parameters.values(), 1);
    if (answer != PQPING_NO_RESPONSE)
        return answer == PQPING_REJECT;
    if (std::chrono::steady_clock::now() >= deadline) // nobody said anything
        return true;
    // A certificate that is refused looks like no answer, too. Who answers without TLS is up, and no real
    // name or password is needed for that ("PQpingParams"): they stay out of what everyone can read.
    const Parameters plain(conninfo, "dibs", patience,
                           {{"sslmode", "disable"},
                            {"sslrootcert", "none"},
                            {"user", "dibs"},
                            {"password", "none"},
                            {"dbname", "dibs"}});
    return PQpingParams(plain.keywords(), plain.values(), 1) != PQPING_OK;
}

} // namespace dibs::database
