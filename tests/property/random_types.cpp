#include "property/random_types.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dibs::tests {
namespace {

const std::vector<std::string> type_names = {"mood", "\"Kind of\"", "\"Odd Schema\".state", "\"type\""};

void add_enum(Die& die, const std::string& name, RandomTypes& into) {
    const std::vector<std::string> labels = {"'sad'", "'it''s'", "'ok'", "'very happy'", "'Ü'", "''"};
    std::vector<std::string> own;
    for (const std::string& label : labels)
        if (die.chance(60))
            own.push_back(label);
    if (own.empty())
        own.push_back(labels.front());
    if (die.chance(15))
        die.shuffle(own);
    into.sql += fmt::format("CREATE TYPE {} AS ENUM ({});\n", name, fmt::join(own, ", "));
    into.sql += random_comment(die, "TYPE " + name);
    ColumnType type{name, Family::label, {}};
    for (const std::string& label : own)
        type.defaults.push_back(label);
    into.types.push_back(type);
    into.types.push_back({name + "[]", Family::list, {"'{}'"}});
}

void add_domain(Die& die, const std::string& name, RandomTypes& into) {
    ColumnType type = builtin_types()[die.below(builtin_types().size())];
    into.sql += fmt::format("CREATE DOMAIN {} AS {}", name, type.sql);
    if (die.chance(30))
        into.sql += " DEFAULT " + die.pick(type.defaults);
    if (die.chance(20))
        into.sql += " NOT NULL";
    const std::size_t checks = die.below(3);
    for (std::size_t i = 0; i < checks; ++i)
        into.sql +=
            fmt::format(" {}CHECK ({})", die.chance(40) ? fmt::format("CONSTRAINT \"rule {}\" ", i) : "",
                        die.pick(conditions(type.family, "VALUE")));
    into.sql += ";\n" + random_comment(die, "DOMAIN " + name);
    type.sql = name;
    type.counts = false;
    into.types.push_back(type);
}

void add_composite(Die& die, const std::string& name, RandomTypes& into) {
    std::vector<std::string> attributes;
    for (const char* attribute : {"a", "\"B b\"", "c"})
        if (die.chance(60))
            attributes.push_back(fmt::format("{} {}", attribute, die.pick(builtin_types()).sql));
    into.sql += fmt::format("CREATE TYPE {} AS ({});\n", name, fmt::join(attributes, ", "));
    into.sql += random_comment(die, "TYPE " + name);
}

void add_sequence(Die& die, const std::string& name, RandomTypes& into) {
    into.sql += fmt::format("CREATE SEQUENCE {}", name);
    if (die.chance(40))
        into.sql += fmt::format(" AS {}", die.chance(50) ? "integer" : "smallint");
    if (die.chance(40))
        into.sql += fmt::format(" START {} INCREMENT {}", 1 + die.below(9), 1 + die.below(5));
    if (die.chance(30))
        into.sql += fmt::format(" MAXVALUE {} CACHE {}", 100 + die.below(900), 1 + die.below(20));
    into.sql += die.chance(30) ? " CYCLE;\n" : ";\n";
    into.sql += random_comment(die, "SEQUENCE " + name);
    into.sequences.push_back(name);
}

} // namespace

std::string random_comment(Die& die, const std::string& object) {
    static const std::vector<std::string> texts = {"'what it is'", "'it''s \"quoted\"'", "E'two\\nlines'",
                                                   "'ünï'"};
    return die.chance(20) ? fmt::format("COMMENT ON {} IS {};\n", object, die.pick(texts)) : "";
}

RandomTypes random_types(const Side& side) {
    RandomTypes all;
    all.sql = "CREATE SCHEMA \"Odd Schema\";\n";
    all.types = builtin_types();
    for (const std::string& name : type_names) {
        Die die = side.at("type " + name);
        const std::size_t kind = die.below(10);
        if (kind < 3)
            add_enum(die, name, all);
        else if (kind < 5)
            add_domain(die, name, all);
        else if (kind < 6)
            add_composite(die, name, all);
    }
    for (const std::string name : {"numbers", "\"Odd Schema\".\"Se q\""})
        if (Die die = side.at("sequence " + name); die.chance(50))
            add_sequence(die, name, all);
    for (const std::string name : {"touch", "\"Odd Schema\".\"do it\""}) {
        Die die = side.at("function " + name);
        all.sql +=
            fmt::format("CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN\n  {}RETURN NEW;\n"
                        "END$$;\n",
                        name, die.chance(50) ? "-- ; 'not an end'\n  " : "");
    }
    return all;
}

} // namespace dibs::tests
