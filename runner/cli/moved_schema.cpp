#include "cli/moved_schema.hpp"

#include <fmt/format.h>

#include "cli/project.hpp"
#include "cli/tried_on.hpp"
#include "cli/wanted_schema.hpp"
#include "schema/read/reader.hpp"

namespace dibs::cli {

void MovedSchema::look(const migration::Pending& pending) {
    constexpr unsigned most = 10;
    const std::string tried = tried_on(pending.library.source);
    if (tried.empty() || pending.backwards() || looked_ == most)
        return;
    ++looked_;
    const auto unknown = [&](const std::exception& why) {
        connection_.reset();
        invocation_.sink.detail(fmt::format("Whether the schema is what {} was tried on is not known: {}",
                                            pending.label(), why.what()));
    };
    try {
        if (!connection_)
            connection_.emplace(connect(invocation_));
        const std::string now =
            fingerprint(schema::read(*connection_, read_options(invocation_.settings)), invocation_.settings);
        if (!now.starts_with(tried))
            invocation_.sink.warn(fmt::format(
                "{} was generated for another schema than {} has now ({} there, {} here)\n"
                "  It was tried on a copy of that one, and is run all the same: `dibs diff` tells "
                "afterwards whether what is declared came of it.",
                pending.label(), connection_->describe(), tried, now.substr(0, tried.size())));
    } catch (const report::Failure& failure) {
        unknown(failure);
    } catch (const database::StatementError& error) { // a role's statement_timeout, a right that is missing
        unknown(error);
    } catch (const database::ConnectionLost& lost) {
        unknown(lost);
    }
}

} // namespace dibs::cli
