// What the reflection of structs says, checked by the compiler.
#include <dibs/schema.hpp>

#include <any>
#include <array>
#include <map>
#include <memory>

namespace shop {

enum class Empty {};
enum class State { open, paid_, Sent_Out };
enum class Sparse : unsigned char { first = 3, second = 127, unseen = 200 };

template <class A, class B>
struct Pair {
    A one;
    std::optional<std::vector<B>> the_other;
};

struct Inner {
    int x, y;
};

struct Mixed {
    std::string a, b;
    int array[3];
    Inner inner;
    Pair<int, int> pair;
    std::any any;
    std::unique_ptr<int> pointer;
    const char* trailing_;
};

struct One {
    bool only;
};
struct Nothing {};
struct Reference {
    int a;
    int& b;
};
struct Base {};
struct Derived : Base {
    int a;
};
struct WithAny { // that converts from everything
    std::any first;
};

struct Sixty_four {
    int m01, m02, m03, m04, m05, m06, m07, m08, m09, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20,
        m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35, m36, m37, m38, m39, m40,
        m41, m42, m43, m44, m45, m46, m47, m48, m49, m50, m51, m52, m53, m54, m55, m56, m57, m58, m59, m60,
        m61, m62, m63, m64;
};

} // namespace shop

namespace {
struct Hidden {
    int a;
};
} // namespace

using namespace dibs::detail;

static_assert(member_count<shop::Mixed> == 8);
static_assert(member_count<shop::One> == 1);
static_assert(member_count<shop::Nothing> == 0);
static_assert(member_count<shop::Reference> == 0, "cannot be counted");
static_assert(member_count<shop::Sixty_four> == 64);
static_assert(member_name<shop::Mixed, 0>() == "a" && member_name<shop::Mixed, 1>() == "b");
static_assert(member_name<shop::Mixed, 2>() == "array" && member_name<shop::Mixed, 7>() == "trailing_");
static_assert(member_name<shop::Pair<int, std::map<int, std::string>>, 1>() == "the_other");
static_assert(member_name<shop::Sixty_four, 0>() == "m01" && member_name<shop::Sixty_four, 63>() == "m64");
static_assert(HasBase<shop::Derived> && !HasBase<shop::Mixed> && !HasBase<shop::WithAny>);
static_assert(type_name<shop::Mixed>() == "shop::Mixed");
static_assert(has_external_linkage<shop::Mixed>() && !has_external_linkage<Hidden>());

static_assert(Mapping<std::optional<std::vector<std::optional<shop::State>>>>::is_mapped);
static_assert(Mapping<std::optional<std::vector<std::optional<shop::State>>>>::nullable);
static_assert(Mapping<std::vector<std::vector<long>>>::dimensions == 2);
static_assert(Mapping<std::vector<std::byte>>::dimensions == 0);
static_assert(!Mapping<unsigned>::is_mapped && !Mapping<char>::is_mapped && !Mapping<void*>::is_mapped);
static_assert(!Mapping<std::optional<std::optional<int>>>::is_mapped);
static_assert(dibs::column_type<dibs::numeric<12, 2>>::name == "numeric(12,2)");
static_assert(dibs::column_type<dibs::numeric<5, -2>>::name == "numeric(5,-2)");
static_assert(dibs::column_type<dibs::varchar<255>>::name == "varchar(255)");
static_assert(dibs::column_type<dibs::named<"ltree">>::name == "ltree");
static_assert(same_column_type<std::optional<long>, long long>() && !same_column_type<int, long>());
static_assert(same_column_type<std::string, dibs::named<"text">>() &&
              !same_column_type<std::string, dibs::citext>());

static bool says(const std::vector<std::string>& found, std::initializer_list<const char*> wanted) {
    return found == std::vector<std::string>(wanted.begin(), wanted.end());
}

int main() {
    int wrong = 0;
    auto check = [&wrong, number = 0](bool right) mutable {
        ++number;
        if (!right && wrong == 0)
            wrong = number;
    };
    check(member_index(&shop::Mixed::a) == 0);
    check(member_index(&shop::Mixed::b) == 1); // of the same type
    check(member_index(&shop::Mixed::inner) == 3);
    check(member_index(&shop::Sixty_four::m64) == 63);
    check(says(enumerators<shop::State>(), {"open", "paid_", "Sent_Out"}));
    check(says(enumerators<shop::Sparse>(), {"first", "second"}));
    check(enumerators<shop::Empty>().empty());
    check(snake_case("shop::OrderState") == "order_state");
    check(snake_case("HTTPStatus") == "http_status");
    check(snake_case("already_there") == "already_there");
    return wrong; // the number of the first check that failed
}
