#include "worker/parameter_text.hpp"

#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "worker/array.hpp"

namespace dibs::worker {
namespace {

using dibs::Parameter;

/// PostgreSQL's spelling of a number that has no finite value is C++'s with another case: it takes both.
template <class Number>
std::string number_text(Number number) {
    char digits[40];
    const auto [end, error] =
        std::to_chars(std::begin(digits), std::end(digits), number); // shortest that reads back
    return {digits, end};
}

void append_to_array(void* state, const Parameter& element) {
    std::string& array = *static_cast<std::string*>(state);
    if (array.size() > 1)
        array += ',';
    if (element.kind == Parameter::Kind::array) // a dimension of its own
        array += *text_of(element);
    else if (element.kind == Parameter::Kind::bytes)
        append_element(array, hex({element.view.data, element.view.size}));
    else
        append_element(array, text_of(element));
}

} // namespace

std::string hex(std::string_view raw) {
    std::string text = "\\x";
    for (const char c : raw)
        fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::optional<std::string> text_of(const Parameter& parameter) {
    switch (parameter.kind) {
    case Parameter::Kind::null:
        break;
    case Parameter::Kind::boolean:
        return parameter.boolean ? "t" : "f";
    case Parameter::Kind::integer:
        return std::to_string(parameter.integer);
    case Parameter::Kind::unsigned_integer:
        return std::to_string(parameter.unsigned_integer);
    case Parameter::Kind::real:
        return number_text(parameter.real);
    case Parameter::Kind::single:
        return number_text(parameter.single);
    case Parameter::Kind::text:
    case Parameter::Kind::bytes:
        return std::string(parameter.view.data, parameter.view.size);
    case Parameter::Kind::array: {
        std::string array = "{";
        parameter.array.visit(parameter.array.container, append_to_array, &array);
        return array + "}";
    }
    }
    return std::nullopt;
}

} // namespace dibs::worker
