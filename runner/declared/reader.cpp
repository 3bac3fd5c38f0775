#include "declared/reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "declared/check.hpp"
#include "declared/table_reader.hpp"

namespace dibs::declared {
namespace {

using dibs::SchemaField;
using dibs::SchemaPart;

Enumeration enumeration_of(const Said& said) {
    return {name_of(said),
            said.text(SchemaField::cpp_type),
            said.text_list(SchemaField::label),
            said.text(SchemaField::comment),
            said.text(SchemaField::renamed_from),
            said.where()};
}

Script script_of(const Said& said) {
    return {said.text(SchemaField::name), said.text(SchemaField::sql), said.text_list(SchemaField::after),
            said.text_list(SchemaField::before), said.where()};
}

/// The enums: those with a DIBS_ENUM, then those that only a column has.
std::vector<Enumeration> enumerations_of(const std::vector<Said>& said) {
    std::vector<Enumeration> enumerations;
    const auto known = [&](const std::string& cpp_type) {
        return std::find_if(enumerations.begin(), enumerations.end(),
                            [&](const Enumeration& other) { return other.cpp_type == cpp_type; });
    };
    for (const Said& part : said) {
        if (part.part != SchemaPart::enumeration)
            continue;
        Enumeration found = enumeration_of(part);
        if (const auto first = known(found.cpp_type); first != enumerations.end())
            refuse(found.where, fmt::format("the enum {} has a second DIBS_ENUM", found.cpp_type),
                   fmt::format("The first is at {}.", text_of(first->where)));
        enumerations.push_back(std::move(found));
    }
    for (const Said& table : said)
        for (const Said& column : table.parts)
            for (const Said& part : column.parts)
                if (part.part == SchemaPart::enumeration &&
                    known(part.text(SchemaField::cpp_type)) == enumerations.end())
                    enumerations.push_back(enumeration_of(part));
    return enumerations;
}

} // namespace

Schema read(const std::vector<Said>& said) {
    Schema schema;
    References references;
    schema.enumerations = enumerations_of(said);
    for (const Enumeration& enumeration : schema.enumerations)
        references.enums[enumeration.cpp_type] = enumeration.name;
    for (const Said& part : said)
        if (part.part == SchemaPart::table)
            references.tables[part.text(SchemaField::cpp_type)].emplace_back(name_of(part),
                                                                             names_of_columns(part));
    for (const Said& part : said) {
        if (part.part == SchemaPart::table)
            schema.tables.push_back(read_table(part, references));
        else if (part.part == SchemaPart::script)
            schema.scripts.push_back(script_of(part));
    }
    check(schema);
    return schema;
}

} // namespace dibs::declared
