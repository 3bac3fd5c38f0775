#pragma once

#include <string>
#include <utility>
#include <vector>

#include "schema/model/key.hpp"

namespace dibs::schema {

/// A part of what a statement is replaced by where others work with the table.
struct Piece {
    /// In the order in which those go that do not depend on each other.
    enum class Way {
        alone,       ///< in a transaction that ends before what it made is used
        transaction, ///< with others in one
        outside,     ///< by itself, in no transaction
        build_index, ///< the same, by MigrationContext::create_index_concurrently()
        drop_index,  ///< and by drop_index_concurrently()
    };
    Way way = Way::transaction;
    std::string sql; ///< what the way comes to
    std::string loss = {};
    Key index = {};              ///< that is built or dropped
    std::string definition = {}; ///< of the one that is built: "public.t USING btree (a)"
    bool unique = false;
    bool awaited = true; ///< by what depends on the statement
};

/// One SQL statement, without the semicolon.
struct Statement {
    std::string sql;
    std::string loss = {};          ///< what data it destroys; empty when none
    bool alone = false;             ///< must be committed before what it made is used
    Key object = {};                ///< what it makes, changes or drops
    std::vector<Piece> online = {}; ///< what does the same and keeps nobody waiting; empty: itself

    Statement(std::string text) : sql(std::move(text)) {}
    Statement(std::string text, std::string destroyed) : sql(std::move(text)), loss(std::move(destroyed)) {}
    Statement(std::string text, std::vector<Piece> pieces)
        : sql(std::move(text)), online(std::move(pieces)) {}
};

} // namespace dibs::schema
