#pragma once

#include <string>
#include <utility>

namespace dibs::schema {

/// One SQL statement, without the semicolon.
struct Statement {
    std::string sql;
    std::string loss = {}; ///< what data it destroys; empty when none
    bool alone = false;    ///< must be committed before what it made is used

    Statement(std::string text) : sql(std::move(text)) {}
    Statement(std::string text, std::string destroyed) : sql(std::move(text)), loss(std::move(destroyed)) {}
};

} // namespace dibs::schema
