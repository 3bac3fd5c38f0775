// What libpq knows of a connection.

#include <tuple>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "database/connection.hpp"
#include "database/libpq_message.hpp"
#include "report/failure.hpp"

namespace dibs::database {

TransactionStatus Connection::transaction_status() const {
    switch (PQtransactionStatus(handle_.get())) {
    case PQTRANS_IDLE:
        return TransactionStatus::idle;
    case PQTRANS_INTRANS:
        return TransactionStatus::open;
    case PQTRANS_INERROR:
        return TransactionStatus::failed;
    default:
        return TransactionStatus::unknown;
    }
}

int client_version() {
    return PQlibVersion();
}

int Connection::server_version() const {
    return PQserverVersion(handle_.get());
}

int Connection::backend_pid() const {
    return PQbackendPID(handle_.get());
}

std::string Connection::describe() const {
    const auto text = [](const char* value) { return std::string_view(value == nullptr ? "" : value); };
    return fmt::format("{} on {}:{} as {}", text(PQdb(handle_.get())), text(PQhost(handle_.get())),
                       text(PQport(handle_.get())), text(PQuser(handle_.get())));
}

std::string Connection::database() const {
    return PQdb(handle_.get());
}

std::vector<std::string> Connection::passwords() const {
    std::vector<std::string> all;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfo(handle_.get()),
                                                                               &PQconninfoFree);
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option)
        if (option->val != nullptr && std::string_view(option->keyword).ends_with("password"))
            all.emplace_back(option->val);
    if (const char* const used = PQpass(handle_.get()))
        all.emplace_back(used); // from a file of passwords
    return all;
}

std::string Connection::set_client_encoding(const std::string& name) {
    const char* const reported = PQparameterStatus(handle_.get(), "client_encoding");
    std::string before = reported == nullptr ? name : reported;
    if (before != name)
        std::ignore = script("SET client_encoding = " + quote_literal(name));
    return before;
}

bool Connection::backslash_escapes() const {
    const char* const reported = PQparameterStatus(handle_.get(), "standard_conforming_strings");
    return reported != nullptr && std::string_view(reported) == "off";
}

bool Connection::is_still(std::string_view session_user) const {
    const char* const reported = PQparameterStatus(handle_.get(), "session_authorization");
    return reported != nullptr && reported == session_user;
}

std::string Connection::taken(char* quoted) const {
    const std::unique_ptr<char, decltype(&PQfreemem)> owner(quoted, &PQfreemem);
    if (!owner)
        throw report::Failure(report::ExitCode::other,
                              "a name or text cannot be sent: " + trimmed(PQerrorMessage(handle_.get())),
                              "It must be UTF-8.");
    return owner.get();
}

std::string Connection::quote_identifier(std::string_view name) const {
    return taken(PQescapeIdentifier(handle_.get(), name.data(), name.size()));
}

std::string Connection::quote_literal(std::string_view text) const {
    return taken(PQescapeLiteral(handle_.get(), text.data(), text.size()));
}

} // namespace dibs::database
