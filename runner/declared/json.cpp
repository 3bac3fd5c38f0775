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

Json known(const std::optional<std::int64_t>& number) {
    return number ? Json(*number) : Json(nullptr);
}

Json to_json(const Identity& identity) {
    return {{"start", known(identity.start)},     {"increment", known(identity.increment)},
            {"minimum", known(identity.minimum)}, {"maximum", known(identity.maximum)},
            {"cache", known(identity.cache)},     {"cycle", identity.cycle}};
}

Json to_json(const Element& element) {
    Json json{{"column", known(element.column)},
              {"expression", known(element.expression)},
              {"collation", known(element.collation)},
              {"operator_class", known(element.operator_class)},
              {"order", nullptr},
              {"nulls", nullptr}};
    if (element.order != Order::unsaid)
        json["order"] = element.order == Order::descending ? "descending" : "ascending";
    if (element.nulls != Nulls::unsaid)
        json["nulls"] = element.nulls == Nulls::first ? "first" : "last";
    return json;
}

Json list(const std::vector<Element>& elements) {
    Json json = Json::array();
    for (const Element& element : elements)
        json.push_back(to_json(element));
    return json;
}

Json to_json(const Column& column) {
    Json json{{"name", column.name},
              {"member", known(column.member)},
              {"type", column.type},
              {"nullable", column.nullable},
              {"default", known(column.default_to)},
              {"generated", known(column.generated)},
              {"identity", nullptr},
              {"identity_options", nullptr},
              {"collation", known(column.collation)},
              {"comment", known(column.comment)},
              {"renamed_from", known(column.renamed_from)}};
    if (column.identity) {
        json["identity"] = column.identity->by_default ? "by default" : "always";
        json["identity_options"] = to_json(*column.identity);
    }
    json.update(place(column.where));
    return json;
}

Json to_json(const Key& key) {
    Json json{{"name", known(key.name)},
              {"columns", key.columns},
              {"include", key.include},
              {"nulls_not_distinct", key.nulls_not_distinct},
              {"deferrable", deferrable(key.deferrable)}};
    json.update(place(key.where));
    return json;
}

Json to_json(const ForeignKey& key) {
    Json json{{"name", known(key.name)},
              {"columns", key.columns},
              {"references", text_of(key.target)},
              {"referenced_schema", known(key.target.schema)},
              {"referenced_table", key.target.name},
              {"referenced_columns", key.target_columns},
              {"on_delete", name_of(key.on_delete)},
              {"on_update", name_of(key.on_update)},
              {"match_full", key.match_full},
              {"deferrable", deferrable(key.deferrable)}};
    json.update(place(key.where));
    return json;
}

Json to_json(const Check& check) {
    Json json{
        {"name", known(check.name)}, {"expression", check.expression}, {"no_inherit", check.no_inherit}};
    json.update(place(check.where));
    return json;
}

Json to_json(const Exclusion& exclusion) {
    Json json{{"name", known(exclusion.name)},       {"definition", definition(exclusion)},
              {"method", exclusion.method},          {"elements", list(exclusion.elements)},
              {"where", known(exclusion.condition)}, {"deferrable", deferrable(exclusion.deferrable)}};
    for (std::size_t i = 0; i < exclusion.elements.size(); ++i)
        json["elements"][i]["operator"] = exclusion.elements[i].with_operator;
    json.update(place(exclusion.where));
    return json;
}

Json to_json(const Index& index) {
    Json json{{"name", known(index.name)},
              {"unique", index.unique},
              {"definition", definition(index)},
              {"method", known(index.method)},
              {"elements", list(index.elements)},
              {"include", index.include},
              {"nulls_not_distinct", index.nulls_not_distinct},
              {"with", known(index.storage)},
              {"where", known(index.condition)},
              {"comment", known(index.comment)}};
    json.update(place(index.where));
    return json;
}

template <class Part>
Json list(const std::vector<Part>& parts) {
    Json json = Json::array();
    for (const Part& part : parts)
        json.push_back(to_json(part));
    return json;
}

Json to_json(const Table& table) {
    Json json{{"schema", known(table.name.schema)},
              {"name", table.name.name},
              {"struct", table.cpp_type},
              {"comment", known(table.comment)},
              {"renamed_from", known(table.renamed_from)}};
    json.update(place(table.where));
    json["columns"] = list(table.columns);
    json["primary_key"] = table.primary_key ? to_json(*table.primary_key) : Json(nullptr);
    json["unique"] = list(table.uniques);
    json["foreign_keys"] = list(table.foreign_keys);
    json["checks"] = list(table.checks);
    json["exclusions"] = list(table.exclusions);
    json["indexes"] = list(table.indexes);
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
