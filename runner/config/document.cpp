#include "config/document.hpp"

#include "config/text.hpp"
#include "report/failure.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace dibs::config {
namespace {

const std::string quoting_hint =
    "Put the value in quotes: in YAML, text that begins with one of & * ! | > % @ ` [ ] "
    "{ } or that holds \": \" or \" #\" means something else.";

class Source {
  public:
    Source(std::string text, std::string file) : text_(std::move(text)), file_(std::move(file)) {}

    [[noreturn]] void refuse(Position at, const std::string& what, const std::string& hint = {}) const {
        throw report::Failure(report::ExitCode::usage, place(file_, at) + ": " + what, hint);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

    // yaml-cpp counts lines from 0, and columns in bytes from 0.
    [[nodiscard]] Position position(const YAML::Mark& mark) const {
        const std::size_t begin = offset_of_line(text_, mark.line + 1);
        return position_of(text_, begin + static_cast<std::size_t>(std::max(mark.column, 0)));
    }

  private:
    std::string text_;
    std::string file_;
};

void refuse_what_is_not_text(const Source& source) {
    if (source.text().size() > largest_document) {
        source.refuse({}, "this file is larger than 1 MiB",
                      "Is it the right file? A dibs.yaml has a few lines.");
    }
    if (const std::optional<std::size_t> offset = report::first_not_utf8(source.text())) {
        source.refuse(position_of(source.text(), *offset), "this file is not UTF-8 text",
                      "Save it with the encoding UTF-8.");
    }
    if (const std::optional<std::size_t> offset = first_control(source.text())) {
        source.refuse(position_of(source.text(), *offset), "a control character has no place in this file",
                      "Remove it; within double quotes YAML has \\t, \\n and \\x1b.");
    }
}

void refuse_tab(const Source& source, std::size_t offset) {
    source.refuse(position_of(source.text(), offset), "a tab is no indentation in YAML",
                  "Indent with spaces.");
}

// A line inside a block of text may go on with a tab after its spaces, but none may begin with one.
void refuse_leading_tabs(const Source& source) {
    const std::size_t tab = source.text().starts_with('\t') ? 0 : source.text().find("\n\t");
    if (tab != std::string::npos) {
        refuse_tab(source, tab == 0 ? 0 : tab + 1);
    }
}

// yaml-cpp 0.7 takes the end of the file for the closing quote.
bool is_closed(std::string_view quoted) {
    const char quote = quoted.front();
    for (std::size_t i = 1; i < quoted.size(); ++i) {
        if (quote == '"' && quoted[i] == '\\') {
            ++i;
        } else if (quoted[i] == quote && quote == '\'' && quoted.substr(i, 2) == "''") {
            ++i;
        } else if (quoted[i] == quote) {
            return true;
        }
    }
    return false;
}

class Reader final : public YAML::EventHandler {
  public:
    explicit Reader(const Source& source) : source_(source) {}

    [[nodiscard]] Node take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (std::exchange(seen_document_, true)) {
            source_.refuse(source_.position(mark), "a second YAML document begins here",
                           "Keep one document: remove the line \"---\" and what follows, or merge the two.");
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        Node node;
        node.at = source_.position(mark);
        if (expects_name()) {
            source_.refuse(node.at, "a value without a name", "Write name: value.");
        }
        // The mark of an absent value is that of the next token; the name is where to look.
        node.at = !open_.empty() && open_.back().key ? open_.back().key->at : node.at;
        add(std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(source_.position(mark)); }
    void OnAnchor(const YAML::Mark& mark, const std::string&) override {
        refuse_anchor(source_.position(mark));
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  const std::string& value) override {
        Node node;
        node.kind = Node::Kind::text;
        node.at = source_.position(mark);
        node.text = value;
        node.quoted = tag == "!"; // what yaml-cpp reports for quotes and blocks of text
        refuse_tag(node.at, tag);
        if (node.quoted) {
            check_quoted(node, static_cast<std::size_t>(mark.pos));
        }
        if (value.find('\0') != std::string::npos) {
            source_.refuse(node.at, "a value with a null character", "Remove the \\0.");
        }
        if (expects_name()) {
            begin_entry(std::move(node));
        } else {
            add(std::move(node));
        }
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        open(Node::Kind::list, mark, tag);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        open(Node::Kind::map, mark, tag);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Open {
        Node node;                // a map or a list
        std::optional<Entry> key; // of a map: whose value comes next
    };

    [[nodiscard]] bool expects_name() const {
        return !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().key;
    }

    void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag) {
        // Environments, a name, a group, a setting, a list: five are in use.
        constexpr std::size_t deepest = 8;
        Node node;
        node.kind = kind;
        node.at = source_.position(mark);
        refuse_tag(node.at, tag);
        if (expects_name()) {
            source_.refuse(node.at,
                           std::string(kind == Node::Kind::map ? "a map" : "a list") +
                               ", where a name is expected",
                           quoting_hint);
        }
        if (open_.size() == deepest) {
            source_.refuse(node.at, "nested too deeply", "A dibs.yaml has five levels at most.");
        }
        open_.push_back({std::move(node), std::nullopt});
    }

    void close() {
        Node node = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(node));
    }

    void refuse_anchor(Position at) const {
        source_.refuse(at, "anchors (&) and aliases (*) are not used here",
                       "Write the value out; if it is text that begins with & or *, put it in quotes.");
    }

    void refuse_tag(Position at, const std::string& tag) const {
        if (!tag.empty() && tag != "?" && tag != "!") {
            source_.refuse(at, "tags (!) are not used here",
                           "Remove it; if it is text that begins with !, put it in quotes.");
        }
    }

    void check_quoted(const Node& node, std::size_t offset) const {
        const std::string_view rest = std::string_view(source_.text()).substr(offset);
        if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'') && !is_closed(rest)) {
            source_.refuse(node.at, "this quote is never closed", "End the value with the same quote.");
        }
    }

    void count(Position at) {
        constexpr int most = 2000; // keeps the cost of positions and of the search for duplicates in bounds
        if (++values_ > most) {
            source_.refuse(at, "more than " + std::to_string(most) + " values",
                           "Is it the right file? A dibs.yaml has a few lines.");
        }
    }

    void begin_entry(Node key) {
        count(key.at);
        for (const Entry& entry : open_.back().node.entries) {
            if (entry.key == key.text) {
                source_.refuse(key.at, "\"" + key.text + "\" is here for the second time",
                               "The first is in line " + std::to_string(entry.at.line) +
                                   ". Keep one of them.");
            }
        }
        open_.back().key = Entry{std::move(key.text), key.at, {}};
    }

    void add(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        if (open_.back().node.kind == Node::Kind::list) {
            count(node.at);
            open_.back().node.items.push_back(std::move(node));
            return;
        }
        Entry entry = std::move(*std::exchange(open_.back().key, std::nullopt));
        entry.value = std::move(node);
        open_.back().node.entries.push_back(std::move(entry));
    }

    const Source& source_;
    Node root_;
    std::vector<Open> open_;
    bool seen_document_ = false;
    int values_ = 0;
};

[[noreturn]] void refuse_broken(const Source& source, const YAML::ParserException& error) {
    const Position at = source.position(error.mark);
    // Of indentation by tab yaml-cpp complains only now and then, and later: the line itself is looked at.
    const std::size_t begin = offset_of_line(source.text(), at.line);
    const std::size_t indented =
        std::min(source.text().find_first_not_of(" \t", begin), source.text().size());
    const std::size_t tab = source.text().find('\t', begin);
    if (tab < indented) {
        refuse_tab(source, tab);
    }
    if (error.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
        source.refuse(at, "anchors (&) and aliases (*) are not used here", quoting_hint);
    }
    source.refuse(at, "this is not YAML: " + error.msg, quoting_hint);
}

} // namespace

std::string place(const std::string& file, Position position) {
    return file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

Node parse_document(std::string text, const std::string& file) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) {
        text.erase(0, byte_order_mark.size());
    }
    const Source source(std::move(text), file);
    refuse_what_is_not_text(source);
    refuse_leading_tabs(source);
    Reader reader(source);
    try {
        std::istringstream stream(source.text());
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(reader)) {
        }
    } catch (const YAML::ParserException& error) {
        refuse_broken(source, error);
    }
    Node root = reader.take();
    if (root.kind == Node::Kind::text) {
        source.refuse(root.at, "a text, where names with values are expected",
                      "Write name: value, with a space after the colon.");
    }
    if (root.kind == Node::Kind::list) {
        source.refuse(root.at, "a list, where names with values are expected", "Write name: value.");
    }
    root.kind = Node::Kind::map;
    return root;
}

} // namespace dibs::config
