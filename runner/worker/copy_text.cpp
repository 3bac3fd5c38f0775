#include "worker/copy_text.hpp"

#include "worker/parameter_text.hpp"

namespace dibs::worker {
namespace {

void append_escaped(std::string& line, std::string_view text) {
    for (;;) {
        const std::size_t plain = text.find_first_of("\\\t\n\r");
        line += text.substr(0, plain);
        if (plain == std::string_view::npos)
            return;
        line += '\\';
        switch (const char special = text[plain]) {
        case '\t':
            line += 't';
            break;
        case '\n':
            line += 'n';
            break;
        case '\r':
            line += 'r';
            break;
        default:
            line += special;
        }
        text.remove_prefix(plain + 1);
    }
}

} // namespace

bool append_copy_value(std::string& line, const dibs::Parameter& value) {
    using Kind = dibs::Parameter::Kind;
    if (value.kind == Kind::bytes) {
        append_escaped(line, hex({value.view.data, value.view.size}));
        return true;
    }
    const auto text = value.kind == Kind::text ? std::nullopt : text_of(value);
    if (value.kind != Kind::text && !text) {
        line += "\\N";
        return true;
    }
    const std::string_view content =
        text ? std::string_view(*text) : std::string_view(value.view.data, value.view.size);
    if (content.find('\0') != std::string_view::npos)
        return false;
    append_escaped(line, content);
    return true;
}

} // namespace dibs::worker
