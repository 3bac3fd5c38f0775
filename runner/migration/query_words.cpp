#include "migration/query_words.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace dibs::migration {

std::size_t end_of_comment(std::string_view sql) {
    std::size_t at = 2;
    for (int depth = 1; depth > 0 && at < sql.size();) {
        const std::string_view here = sql.substr(at, 2);
        depth += here == "/*" ? 1 : here == "*/" ? -1 : 0;
        at += here == "/*" || here == "*/" ? 2 : 1;
    }
    return std::min(at, sql.size());
}

std::string first_word(std::string_view sql) {
    const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
    while (!sql.empty() && !is_letter(static_cast<unsigned char>(sql.front()))) {
        if (sql.starts_with("--"))
            sql.remove_prefix(std::min(sql.find_first_of("\r\n"), sql.size()));
        else if (sql.starts_with("/*"))
            sql.remove_prefix(end_of_comment(sql));
        else if (sql.front() == '(' || std::isspace(static_cast<unsigned char>(sql.front())) != 0)
            sql.remove_prefix(1);
        else
            return {};
    }
    const auto end = std::find_if_not(sql.begin(), sql.end(), is_letter);
    std::string word(sql.begin(), end);
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return word;
}

bool is_query(std::string_view sql) {
    static constexpr std::array<std::string_view, 4> queries{"SELECT", "VALUES", "TABLE", "WITH"};
    return std::find(queries.begin(), queries.end(), first_word(sql)) != queries.end();
}

bool can_be_explained(std::string_view sql) {
    static constexpr std::array<std::string_view, 7> explained{"SELECT", "VALUES", "WITH", "INSERT",
                                                               "UPDATE", "DELETE", "MERGE"};
    return std::find(explained.begin(), explained.end(), first_word(sql)) != explained.end();
}

} // namespace dibs::migration
