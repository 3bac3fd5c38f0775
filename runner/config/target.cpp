#include "config/target.hpp"

#include "config/expansion.hpp"
#include "report/suggestion.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace dibs::config {
namespace {

constexpr std::string_view how_to_configure =
    "Pass --database-url URL, set DATABASE_URL, or write database: in dibs.yaml "
    "(database: embedded for a development server that dibs runs itself).";

NotConfigured wrong(const std::string& what, std::string_view hint) {
    return {report::Failure(report::ExitCode::usage, what, std::string(hint))};
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blank);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

bool has_scheme(std::string_view text) {
    const std::size_t colon = text.find("://");
    return colon != std::string_view::npos && colon > 0 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.' || c == ':';
           });
}

Database conninfo(std::string_view given, const std::string& origin) {
    const std::string_view text = trimmed(given); // a secret read from a file ends with a newline
    const bool is_url = text.starts_with("postgresql://") || text.starts_with("postgres://");
    if (text.empty()) {
        return wrong(origin + " is empty",
                     "Give it a URL such as postgresql://user@host/database, or unset it.");
    }
    if (text == "embedded") {
        return wrong(origin + " cannot ask for the embedded database",
                     "Write database: embedded in dibs.yaml: it is used only where that file asks for it.");
    }
    if (!is_url && has_scheme(text)) {
        return wrong(origin + " holds a URL that is not PostgreSQL's",
                     "It begins with postgresql:// or postgres://, in small letters.");
    }
    if (!is_url && text.find('=') == std::string_view::npos) {
        return wrong(origin + " holds neither a URL nor key=value pairs",
                     "Write postgresql://user@host/database or host=... dbname=... user=....");
    }
    return Conninfo{std::string(is_url ? text : given), origin};
}

Database from_file(const Raw& raw, const Environment& environment, const std::string& file,
                   const std::filesystem::path& root) {
    const std::string origin = place(file, raw.at);
    std::string text;
    try {
        text = expand(raw.text, environment);
    } catch (const ExpansionError& error) {
        return wrong(origin + ": " + error.what(), how_to_configure);
    }
    if (text == "embedded") {
        return Embedded{root / ".dibs" / "postgres"};
    }
    const std::array<std::string, 1> known{"embedded"};
    if (text.find('=') == std::string::npos && !has_scheme(text) && report::closest(text, known)) {
        return wrong(origin + ": \"database\" is neither a URL, key=value pairs nor \"embedded\"",
                     report::did_you_mean(text, known));
    }
    return conninfo(text, origin);
}

// The variables that tell libpq which server or database; PGUSER or PGPASSWORD alone do not.
std::optional<std::string> variable_of_libpq(const Environment& environment) {
    for (const char* name : {"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT"}) {
        if (const std::optional<std::string> value = environment(name); value && !value->empty()) {
            return name;
        }
    }
    return std::nullopt;
}

} // namespace

Database choose_database(const Overrides& overrides, const Environment& environment, const Layer& layer,
                         const std::string& file, const std::filesystem::path& root) {
    if (overrides.database_url) {
        return conninfo(*overrides.database_url, "--database-url");
    }
    if (const std::optional<std::string> url = environment("DATABASE_URL")) {
        return conninfo(*url, "DATABASE_URL");
    }
    if (layer.database) {
        return from_file(*layer.database, environment, file, root);
    }
    if (const std::optional<std::string> name = variable_of_libpq(environment)) {
        return Conninfo{"", *name};
    }
    return wrong(file.empty() ? "no database is configured, and there is no dibs.yaml here or above"
                              : "no database is configured: " + file + " names none",
                 how_to_configure);
}

const Database& required_database(const Settings& settings) {
    if (const auto* none = std::get_if<NotConfigured>(&settings.database)) {
        throw none->reason;
    }
    return settings.database;
}

} // namespace dibs::config
