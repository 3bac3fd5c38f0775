#include <catch2/catch.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <dibs/members.hpp>

#include "declared/json.hpp"

using namespace dibs::declared;

namespace {

/// Visits all that a schema can say, whatever members its parts have: each list gets an element, each
/// optional a value.
class Visitor {
  public:
    explicit Visitor(std::function<void(const std::string& path)> at_leaf) : at_leaf_(std::move(at_leaf)) {}

    void visit(std::string& text) {
        leaf([&] { text += "x"; });
    }
    void visit(std::vector<std::string>& texts) {
        if (texts.empty())
            texts.emplace_back("x");
        visit(texts.front());
    }
    template <class Part>
    void visit(std::vector<Part>& parts) {
        if (parts.empty())
            parts.emplace_back();
        visit(parts.front());
    }
    template <class Part>
    void visit(std::optional<Part>& part) {
        if (!part)
            part.emplace();
        visit(*part);
    }
    template <class Part>
    void visit(Part& part) {
        if constexpr (std::is_same_v<Part, bool>) {
            leaf([&] { part = !part; });
        } else if constexpr (std::is_enum_v<Part>) {
            leaf([&] { part = static_cast<Part>(part == Part{} ? 1 : 0); });
        } else if constexpr (std::is_integral_v<Part>) {
            leaf([&] { ++part; });
        } else {
            std::size_t member = 0;
            std::apply([&](const auto*... of) { (inside(*of, member++, part), ...); },
                       dibs::detail::members_of(part));
        }
    }

  private:
    template <class M, class Part>
    void inside(const M& member, std::size_t number, const Part&) {
        const std::string before = path_;
        path_ += "/" + std::string(dibs::detail::member_names<Part>()[number]);
        visit(const_cast<M&>(member)); // of a schema that is not const
        path_ = before;
    }
    void leaf(const std::function<void()>& change) {
        change();
        at_leaf_(path_);
    }

    std::function<void(const std::string& path)> at_leaf_;
    std::string path_;
};

} // namespace

TEST_CASE("The JSON of a schema changes with whatever the schema says") {
    Schema schema;
    Visitor([](const std::string&) {}).visit(schema); // so that there is one of each
    const auto json = [&] { return to_json(schema, dibs::report::Redactor()); };
    std::string before = json();
    int leaves = 0;
    Visitor([&](const std::string& path) {
        INFO(path);
        const std::string now = json();
        CHECK(now != before);
        before = now;
        ++leaves;
    }).visit(schema);
    CHECK(leaves > 80);
}
