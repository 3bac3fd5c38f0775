#include "declared/ddl.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "declared/quote.hpp"
#include "declared/table_reader.hpp"
#include "report/suggestion.hpp"

namespace dibs::declared {
namespace {

/// In what order things are made that do not need each other. Plain SQL is last (views, triggers, grants:
/// what needs the rest without saying so), unless something needs it.
enum class Rank { schema, early_script, enumeration, table, index, foreign_key, script };

struct Piece {
    Rank rank{};
    std::string label; ///< for people: "DIBS_SQL touch at users.cpp:12"
    std::vector<Statement> statements;
    std::set<std::size_t> needs = {}; ///< other pieces
};

class Pieces {
  public:
    explicit Pieces(const Schema& schema) : schema_(schema) {
        add_schemas();
        add_enumerations();
        add_tables();
        add_scripts();
    }

    std::vector<Statement> in_order() {
        std::vector<Statement> statements;
        std::vector<bool> made(pieces_.size(), false);
        for (std::size_t done = 0; done < pieces_.size(); ++done) {
            const std::optional<std::size_t> next = ready(made);
            if (!next)
                refuse_circle(made);
            made[*next] = true;
            for (Statement& statement : pieces_[*next].statements)
                statements.push_back(std::move(statement));
        }
        return statements;
    }

  private:
    std::size_t add(Piece piece) {
        pieces_.push_back(std::move(piece));
        return pieces_.size() - 1;
    }

    void add_schemas() {
        const auto add_schema = [&](const Name& name, const Where& where) {
            if (name.schema.empty() || name.schema == "public" || namespaces_.contains(name.schema))
                return;
            namespaces_[name.schema] = add({Rank::schema,
                                            "the schema " + name.schema,
                                            {{fmt::format("CREATE SCHEMA {}", quoted(name.schema)), where}}});
        };
        for (const Enumeration& enumeration : schema_.enumerations)
            add_schema(enumeration.name, enumeration.where);
        for (const Table& table : schema_.tables)
            add_schema(table.name, table.where);
    }

    void need_schema(std::size_t piece, const Name& name) {
        if (const auto found = namespaces_.find(name.schema); found != namespaces_.end())
            pieces_[piece].needs.insert(found->second);
    }

    void add_enumerations() {
        for (const Enumeration& enumeration : schema_.enumerations) {
            std::vector<Statement> statements{{create_enum(enumeration), enumeration.where}};
            if (!enumeration.comment.empty())
                statements.push_back({fmt::format("COMMENT ON TYPE {} IS {}", quoted(enumeration.name),
                                                  literal(enumeration.comment)),
                                      enumeration.where});
            const std::size_t piece =
                add({Rank::enumeration, "the enum " + text_of(enumeration.name), std::move(statements)});
            need_schema(piece, enumeration.name);
            call(enumeration.name, piece);
            enumerations_.push_back(piece);
        }
    }

    void add_tables() {
        std::map<std::string, std::size_t> tables;
        for (const Table& table : schema_.tables) {
            std::vector<Statement> statements{{create_table(table), table.where}};
            for (Statement& comment : comments(table))
                statements.push_back(std::move(comment));
            const std::size_t piece =
                add({Rank::table, "the table " + text_of(table.name), std::move(statements)});
            need_schema(piece, table.name);
            pieces_[piece].needs.insert(enumerations_.begin(), enumerations_.end());
            call(table.name, piece);
            tables[text_of(table.name)] = piece;
        }
        std::map<std::string, std::set<std::size_t>>
            unique_indexes; // a foreign key may reference their columns
        for (const Table& table : schema_.tables)
            unique_indexes[text_of(table.name)] = add_indexes(table, tables.at(text_of(table.name)));
        for (const Table& table : schema_.tables) {
            for (const ForeignKey& key : table.foreign_keys) {
                const std::size_t piece =
                    add({Rank::foreign_key,
                         "a foreign key of " + text_of(table.name),
                         {{fmt::format("ALTER TABLE {} ADD {}", quoted(table.name), definition(key)),
                           key.where}}});
                const std::string target = text_of(key.target);
                pieces_[piece].needs = unique_indexes.at(target);
                pieces_[piece].needs.insert({tables.at(text_of(table.name)), tables.at(target)});
            }
        }
    }

    /// @return those that are unique
    std::set<std::size_t> add_indexes(const Table& table, std::size_t table_piece) {
        std::set<std::size_t> unique;
        for (const Index& index : table.indexes) {
            std::vector<Statement> statements{{create_index(table, index), index.where}};
            if (!index.comment.empty())
                statements.push_back(
                    {fmt::format("COMMENT ON INDEX {} IS {}", quoted(Name{table.name.schema, index.name}),
                                 literal(index.comment)),
                     index.where});
            const std::size_t piece =
                add({Rank::index, "an index of " + text_of(table.name), std::move(statements)});
            pieces_[piece].needs = {table_piece};
            if (index.unique)
                unique.insert(piece);
        }
        return unique;
    }

    void add_scripts() {
        for (const Script& script : schema_.scripts) {
            const std::size_t piece =
                add({script.before.empty() ? Rank::script : Rank::early_script,
                     fmt::format("DIBS_SQL {} at {}", script.name, text_of(script.where)),
                     {{script.sql, script.where}}});
            called_[script.name].push_back(piece);
            scripts_.push_back(piece);
        }
        for (std::size_t i = 0; i < scripts_.size(); ++i) {
            const Script& script = schema_.scripts[i];
            for (const std::string& name : script.after)
                for (const std::size_t other : find(name, script, scripts_[i]))
                    pieces_[scripts_[i]].needs.insert(other);
            for (const std::string& name : script.before)
                for (const std::size_t other : find(name, script, scripts_[i]))
                    pieces_[other].needs.insert(scripts_[i]);
        }
    }

    void call(const Name& name, std::size_t piece) {
        called_[name.name].push_back(piece);
        if (!name.schema.empty())
            called_[text_of(name)].push_back(piece);
        else
            called_["public." + name.name].push_back(piece);
    }

    /// What is called so; `self` is not meant where a script has the name of a table.
    std::vector<std::size_t> find(const std::string& name, const Script& script, std::size_t self) const {
        std::vector<std::size_t> found;
        if (const auto called = called_.find(name); called != called_.end())
            std::copy_if(called->second.begin(), called->second.end(), std::back_inserter(found),
                         [&](std::size_t piece) { return piece != self; });
        if (found.empty()) {
            std::vector<std::string> names;
            for (const auto& [known, pieces] : called_)
                names.push_back(known);
            std::string hint = report::did_you_mean(name, names);
            refuse(script.where,
                   fmt::format("DIBS_SQL {} names {}, and there is no such table, enum or SQL", script.name,
                               name),
                   hint.empty() ? "Name a table, an enum or another DIBS_SQL of this schema." : hint);
        }
        return found;
    }

    /// The next to be made: of those that lack nothing, the first of the lowest rank.
    std::optional<std::size_t> ready(const std::vector<bool>& made) const {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            const std::set<std::size_t>& needs = pieces_[i].needs;
            if (!made[i] && (!best || pieces_[i].rank < pieces_[*best].rank) &&
                std::all_of(needs.begin(), needs.end(), [&](std::size_t need) { return made[need]; }))
                best = i;
        }
        return best;
    }

    /// Each that is left waits for another that is left: following that leads into a circle.
    [[noreturn]] void refuse_circle(const std::vector<bool>& made) const {
        std::vector<std::size_t> path;
        std::size_t at = static_cast<std::size_t>(std::find(made.begin(), made.end(), false) - made.begin());
        while (std::find(path.begin(), path.end(), at) == path.end()) {
            path.push_back(at);
            const std::set<std::size_t>& needs = pieces_[at].needs;
            at = *std::find_if(needs.begin(), needs.end(), [&](std::size_t need) { return !made[need]; });
        }
        path.erase(path.begin(), std::find(path.begin(), path.end(), at));
        path.push_back(at);
        std::vector<std::string> labels;
        Where where;
        for (const std::size_t piece : path) {
            labels.push_back(pieces_[piece].label);
            if (where.file.empty() &&
                (pieces_[piece].rank == Rank::script || pieces_[piece].rank == Rank::early_script))
                where = pieces_[piece].statements.front().where;
        }
        refuse(where, fmt::format("these need each other: {}", fmt::join(labels, " needs ")),
               "Take one of the .after or .before away, or split the SQL.");
    }

    const Schema& schema_;
    std::vector<Piece> pieces_;
    std::map<std::string, std::size_t> namespaces_;
    std::vector<std::size_t> enumerations_;
    std::vector<std::size_t> scripts_;
    std::map<std::string, std::vector<std::size_t>> called_;
};

} // namespace

std::vector<Statement> ddl(const Schema& schema) {
    return Pieces(schema).in_order();
}

} // namespace dibs::declared
