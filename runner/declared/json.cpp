#include "declared/json.hpp"

#include <nlohmann/json.hpp>

#include "declared/ddl.hpp"

namespace dibs::declared {
namespace {

using Json = nlohmann::ordered_json;

Json known(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json place(const Where& where) {
    return {{"file", known(where.file)}, {"line", where.line}};
}

const char* name_of(Action action) {
    switch (action) {
    case Action::restrict:
        return "restrict";
    case Action::cascade:
        return "cascade";
    case Action::set_null:
        return "set null";
    case Action::set_default:
        return "set default";
    case Action::no_action:
        break;
    }
    return "no action";
}

Json deferrable(Deferrable how) {
    if (how == Deferrable::no)
        return nullptr;
    return how == Deferrable::initially_deferred ? "initially deferred" : "initially immediate";
}

Json to_json(const Column& column) {
    Json json{{"name", column.name},
              {"member", known(column.member)},
              {"type", column.type},
              {"nullable", column.nullable},
              {"default", known(column.default_to)},
              {"generated", known(column.generated)},
              {"identity", nullptr},
              {"collation", known(column.collation)},
              {"comment", known(column.comment)},
              {"renamed_from", known(column.renamed_from)}};
    if (column.identity)
        json["identity"] = column.identity->by_default ? "by default" : "always";
    return json;
}

Json to_json(const Key& key) {
    return {{"name", known(key.name)},
            {"columns", key.columns},
            {"include", key.include},
            {"nulls_not_distinct", key.nulls_not_distinct},
            {"deferrable", deferrable(key.deferrable)}};
}

Json to_json(const ForeignKey& key) {
    return {{"name", known(key.name)},
            {"columns", key.columns},
            {"references", text_of(key.target)},
            {"referenced_columns", key.target_columns},
            {"on_delete", name_of(key.on_delete)},
            {"on_update", name_of(key.on_update)},
            {"match_full", key.match_full},
            {"deferrable", deferrable(key.deferrable)}};
}

Json to_json(const Table& table) {
    Json json{{"schema", known(table.name.schema)},
              {"name", table.name.name},
              {"struct", table.cpp_type},
              {"comment", known(table.comment)},
              {"renamed_from", known(table.renamed_from)}};
    json.update(place(table.where));
    json["columns"] = Json::array();
    for (const Column& column : table.columns)
        json["columns"].push_back(to_json(column));
    json["primary_key"] = table.primary_key ? to_json(*table.primary_key) : Json(nullptr);
    json["unique"] = Json::array();
    for (const Key& key : table.uniques)
        json["unique"].push_back(to_json(key));
    json["foreign_keys"] = Json::array();
    for (const ForeignKey& key : table.foreign_keys)
        json["foreign_keys"].push_back(to_json(key));
    json["checks"] = Json::array();
    for (const Check& check : table.checks)
        json["checks"].push_back({{"name", known(check.name)},
                                  {"expression", check.expression},
                                  {"no_inherit", check.no_inherit}});
    json["exclusions"] = Json::array();
    for (const Exclusion& exclusion : table.exclusions)
        json["exclusions"].push_back(
            {{"name", known(exclusion.name)}, {"definition", definition(exclusion)}});
    json["indexes"] = Json::array();
    for (const Index& index : table.indexes)
        json["indexes"].push_back(
            {{"name", known(index.name)}, {"unique", index.unique}, {"definition", definition(index)}});
    return json;
}

void redact(Json& json, const report::Redactor& redactor) {
    if (json.is_string())
        json = redactor(json.get_ref<const std::string&>());
    else if (json.is_structured())
        for (Json& child : json)
            redact(child, redactor);
}

} // namespace

std::string to_json(const Schema& schema, const report::Redactor& redactor) {
    Json json{{"tables", Json::array()}, {"enums", Json::array()}, {"sql", Json::array()}};
    for (const Table& table : schema.tables)
        json["tables"].push_back(to_json(table));
    for (const Enumeration& enumeration : schema.enumerations) {
        Json& entry = json["enums"].emplace_back();
        entry = {{"schema", known(enumeration.name.schema)},
                 {"name", enumeration.name.name},
                 {"enum", enumeration.cpp_type},
                 {"labels", enumeration.labels},
                 {"comment", known(enumeration.comment)},
                 {"renamed_from", known(enumeration.renamed_from)}};
        entry.update(place(enumeration.where));
    }
    for (const Script& script : schema.scripts) {
        Json& entry = json["sql"].emplace_back();
        entry = {
            {"name", script.name}, {"sql", script.sql}, {"after", script.after}, {"before", script.before}};
        entry.update(place(script.where));
    }
    redact(json, redactor);
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace dibs::declared
