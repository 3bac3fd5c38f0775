#include "property/random_table.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dibs::tests {
namespace {

const std::vector<std::string> column_names = {
    "id", "name", "\"Mixed Case\"", "\"order\"", "\"we\"\"ird\"", "note", "\"a b\"", "\"it's {0} %s\""};

class Making {
  public:
    Making(const Side& side, const RandomTypes& types, std::set<std::string>& used, RandomTable& table)
        : side_(side), types_(types), used_(used), table_(table) {}

    void run() {
        for (const std::string& name : column_names)
            if (Die die = part("column " + name); die.chance(45))
                add_column(die, name);
        Die own = part("itself");
        if (own.chance(30)) // the order of columns is no difference
            std::reverse(lines_.begin(), lines_.end());
        add_keys();
        for (std::size_t i = 0; i < 2; ++i)
            if (Die die = part(fmt::format("check {}", i)); die.chance(40) && !table_.columns.empty())
                add_check(die);
        table_.sql = fmt::format("CREATE TABLE {} (\n  {}\n){};\n", table_.name, fmt::join(lines_, ",\n  "),
                                 own.chance(15) ? " WITH (fillfactor = 70)" : "");
        for (std::size_t i = 0; i < 3; ++i)
            if (Die die = part(fmt::format("index {}", i)); die.chance(45) && !table_.columns.empty())
                add_index(die);
        table_.sql += random_comment(own, "TABLE " + table_.name) + comments_;
        if (own.chance(15))
            table_.sql += fmt::format("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;\n", table_.name);
        add_trigger();
    }

  private:
    [[nodiscard]] Die part(const std::string& what) const {
        return side_.at("table " + table_.name + "/" + what);
    }

    void add_column(Die& die, const std::string& name);
    std::optional<std::string> generated(Die& die, ColumnType& type) const;
    void add_keys();
    void add_check(Die& die);
    void add_index(Die& die);
    void add_trigger();
    std::vector<std::size_t> some_columns(Die& die) const;
    std::string constraint_name(Die& die, const char* what);

    const Side& side_;
    const RandomTypes& types_;
    std::set<std::string>& used_;
    RandomTable& table_;
    std::vector<std::string> lines_;
    std::set<std::string> constraints_;
    std::string comments_;
};

/// An expression over a column that is there already.
std::optional<std::string> Making::generated(Die& die, ColumnType& type) const {
    for (const RandomColumn& column : table_.columns) {
        if (column.generated)
            continue;
        if (column.type.family == Family::number && column.type.sql != "money") {
            type = {"numeric", Family::number, {}};
            return fmt::format("{}::numeric * {}", column.name, 2 + die.below(3));
        }
        if (column.type.family == Family::text) {
            type = {"text", Family::text, {}};
            return fmt::format("{}({}::text)", die.chance(50) ? "upper" : "lower", column.name);
        }
    }
    return std::nullopt;
}

void Making::add_column(Die& die, const std::string& name) {
    RandomColumn column{name, die.pick(types_.types)};
    if (die.chance(30)) // so that foreign keys find what fits
        column.type = builtin_types()[1 + die.below(2)];
    std::string more;
    const std::size_t kind = die.below(100);
    if (kind < 10) {
        if (const auto expression = generated(die, column.type)) {
            column.generated = true;
            more = fmt::format(" GENERATED ALWAYS AS ({}) STORED", *expression);
        }
    } else if (kind < 25 && column.type.counts) {
        more = fmt::format(" GENERATED {} AS IDENTITY{}", die.chance(50) ? "ALWAYS" : "BY DEFAULT",
                           die.chance(30) ? fmt::format(" (START {} CACHE 5)", 1 + die.below(50)) : "");
    } else if (kind < 30 && column.type.counts && !types_.sequences.empty()) {
        more = fmt::format(" DEFAULT nextval('{}')", die.pick(types_.sequences));
    } else if (kind < 35 && column.type.counts) {
        column.type.sql = column.type.sql == "integer" ? "serial" : "bigserial";
    } else if (kind < 65 && !column.type.defaults.empty()) {
        more = " DEFAULT " + die.pick(column.type.defaults);
    }
    if (column.type.sql == "text" && die.chance(20))
        more = " COLLATE \"C\"" + more;
    lines_.push_back(
        fmt::format("{} {}{}{}", name, column.type.sql, more, die.chance(40) ? " NOT NULL" : ""));
    if (column.type.sql == "serial" || column.type.sql == "bigserial")
        column.type.sql = column.type.sql == "serial" ? "integer" : "bigint";
    comments_ += random_comment(die, fmt::format("COLUMN {}.{}", table_.name, name));
    table_.columns.push_back(std::move(column));
}

std::vector<std::size_t> Making::some_columns(Die& die) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < table_.columns.size(); ++i)
        if (table_.columns[i].type.sorts && found.size() < 2 && die.chance(40))
            found.push_back(i);
    if (die.chance(50))
        std::reverse(found.begin(), found.end());
    return found;
}

/// "CONSTRAINT name ", or nothing: then PostgreSQL finds one.
std::string Making::constraint_name(Die& die, const char* what) {
    static const std::vector<std::string> words = {"one", "\"Two 2\"", "\"it's\""};
    if (die.chance(60))
        return {};
    std::string name = fmt::format("\"{} {}\"", what, die.below(words.size() + 1));
    if (!constraints_.insert(name).second || !used_.insert(name).second)
        return {};
    return fmt::format("CONSTRAINT {} ", name);
}

void Making::add_keys() {
    const auto list = [&](const std::vector<std::size_t>& columns) {
        std::vector<std::string> names;
        for (const std::size_t i : columns)
            names.push_back(table_.columns[i].name);
        return fmt::format("{}", fmt::join(names, ", "));
    };
    Die primary = part("primary key");
    if (const auto columns = some_columns(primary); !columns.empty() && primary.chance(70)) {
        lines_.push_back(
            fmt::format("{}PRIMARY KEY ({})", constraint_name(primary, "primary"), list(columns)));
        table_.keys.push_back(columns);
    }
    for (std::size_t i = 0; i < 2; ++i) {
        Die die = part(fmt::format("unique {}", i));
        const auto columns = some_columns(die);
        if (columns.empty() || !die.chance(50))
            continue;
        const bool deferrable = die.chance(15);
        lines_.push_back(fmt::format("{}UNIQUE {}({}){}", constraint_name(die, "unique"),
                                     die.chance(20) ? "NULLS NOT DISTINCT " : "", list(columns),
                                     deferrable ? " DEFERRABLE INITIALLY DEFERRED" : ""));
        if (!deferrable)
            table_.keys.push_back(columns);
    }
    Die die = part("exclusion");
    for (const RandomColumn& column : table_.columns)
        if (column.type.family == Family::range && die.chance(30))
            lines_.push_back(fmt::format("{}EXCLUDE USING gist ({} WITH &&){}",
                                         constraint_name(die, "exclusion"), column.name,
                                         die.chance(30) ? " WHERE (1 = 1)" : ""));
}

void Making::add_check(Die& die) {
    const RandomColumn& column = die.pick(table_.columns);
    std::string condition = die.pick(conditions(column.type.family, column.name));
    if (die.chance(25)) {
        const RandomColumn& other = die.pick(table_.columns);
        condition = fmt::format("({}) OR {}", condition, die.pick(conditions(other.type.family, other.name)));
    }
    lines_.push_back(fmt::format("{}CHECK ({}){}", constraint_name(die, "check"), condition,
                                 die.chance(10) ? " NO INHERIT" : ""));
}

std::string element(Die& die, const RandomColumn& column) {
    std::string text = column.name;
    const auto expressions = index_expressions(column.type.family, column.name);
    if (!expressions.empty() && die.chance(30))
        text = die.pick(expressions);
    else if (column.type.sql == "text" && die.chance(30))
        text += die.chance(50) ? " text_pattern_ops" : " COLLATE \"POSIX\"";
    if (die.chance(25))
        text += " DESC";
    if (die.chance(20))
        text += die.chance(50) ? " NULLS FIRST" : " NULLS LAST";
    return text;
}

void Making::add_index(Die& die) {
    const std::vector<std::size_t> columns = some_columns(die);
    if (columns.empty())
        return;
    std::string name;
    if (die.chance(50)) {
        name = fmt::format("\"ix {}\"", die.below(6));
        if (!used_.insert(name).second)
            name.clear();
    }
    const RandomColumn& first = table_.columns[columns.front()];
    std::string index;
    if (first.type.family == Family::list && die.chance(50) &&
        first.type.sql.find('.') == std::string::npos) {
        index = fmt::format("USING gin ({})", first.name);
    } else if (die.chance(10)) {
        index = fmt::format("USING {} ({})", first.type.counts ? "brin" : "btree", first.name);
    } else {
        std::vector<std::string> elements;
        for (const std::size_t i : columns)
            elements.push_back(element(die, table_.columns[i]));
        index = fmt::format("({})", fmt::join(elements, ", "));
        if (die.chance(20))
            index += fmt::format(" INCLUDE ({})", die.pick(table_.columns).name);
        if (die.chance(15))
            index += " WITH (fillfactor = 80)";
    }
    const bool unique = die.chance(25) && index.front() == '(';
    if (die.chance(25)) {
        const RandomColumn& column = die.pick(table_.columns);
        index += fmt::format(" WHERE {}", die.pick(conditions(column.type.family, column.name)));
    }
    table_.sql +=
        fmt::format("CREATE {}INDEX {} ON {} {};\n", unique ? "UNIQUE " : "", name, table_.name, index);
    if (!name.empty()) {
        const std::size_t dot = table_.name.find("\"."); // of "Odd Schema"
        const std::string schema = dot == std::string::npos || table_.name[1] != 'O' ? "" : "\"Odd Schema\".";
        comments_ += random_comment(die, fmt::format("INDEX {}{}", schema, name));
    }
}

void Making::add_trigger() {
    Die die = part("trigger");
    if (!die.chance(20))
        return;
    table_.sql +=
        fmt::format("CREATE TRIGGER \"on change\" {} UPDATE{} ON {} FOR EACH ROW EXECUTE FUNCTION {}();\n",
                    die.chance(50) ? "BEFORE" : "AFTER",
                    table_.columns.empty() || die.chance(50) ? "" : " OF " + die.pick(table_.columns).name,
                    table_.name, die.chance(50) ? "touch" : "\"Odd Schema\".\"do it\"");
}

/// For each column of a key one of the same type, if there is.
std::vector<std::size_t> matching(Die& die, const RandomTable& table, const RandomTable& other,
                                  const std::vector<std::size_t>& key) {
    std::vector<std::size_t> found;
    for (const std::size_t wanted : key) {
        std::vector<std::size_t> like;
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (!table.columns[i].generated &&
                table.columns[i].type.family != Family::list && // PostgreSQL 15 fails for varchar[]
                table.columns[i].type.sql == other.columns[wanted].type.sql &&
                std::find(found.begin(), found.end(), i) == found.end())
                like.push_back(i);
        if (like.empty())
            return {};
        found.push_back(die.pick(like));
    }
    return found;
}

std::string names_of(const RandomTable& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    for (const std::size_t i : columns)
        names.push_back(table.columns[i].name);
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace

RandomTable random_table(const Side& side, const std::string& name, const RandomTypes& types,
                         std::set<std::string>& used) {
    RandomTable table{name, {}, {}, {}};
    Making(side, types, used, table).run();
    return table;
}

std::string random_foreign_keys(const Side& side, const std::vector<RandomTable>& tables) {
    static const std::vector<std::string> actions = {"", "CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT"};
    std::string sql;
    for (const RandomTable& table : tables)
        for (std::size_t i = 0; i < 3; ++i) {
            Die die = side.at(fmt::format("table {}/foreign key {}", table.name, i));
            const RandomTable& other = die.pick(tables);
            if (other.keys.empty())
                continue;
            const std::vector<std::size_t> key = die.pick(other.keys);
            const std::vector<std::size_t> columns = matching(die, table, other, key);
            if (columns.empty())
                continue;
            sql += fmt::format("ALTER TABLE {} ADD {}FOREIGN KEY ({}) REFERENCES {} ({})", table.name,
                               die.chance(30) ? fmt::format("CONSTRAINT \"fk {}\" ", i) : "",
                               names_of(table, columns), other.name, names_of(other, key));
            for (const char* event : {" ON DELETE ", " ON UPDATE "})
                if (const std::string& action = die.pick(actions); !action.empty())
                    sql += event + action;
            sql += die.chance(15) ? " DEFERRABLE INITIALLY DEFERRED" : "";
            sql += die.chance(10) ? " NOT VALID;\n" : ";\n";
        }
    return sql;
}

} // namespace dibs::tests
