#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string_view>

#include <dibs/abi.hpp>

namespace dibs {
inline namespace abi_v1 {

/// What is known about an error. Views: whoever fills it in keeps the text alive while Error copies it.
/// Append only: fields are found by their place.
struct ErrorFields {
    std::string_view message;
    std::string_view
        sqlstate;             ///< five characters (PostgreSQL, Appendix A), empty when no server was involved
    std::string_view detail;  ///< DETAIL
    std::string_view hint;    ///< HINT
    std::string_view context; ///< CONTEXT: the stack of functions that the server was in
    std::string_view constraint; ///< the constraint that was violated
    std::string_view sql;        ///< what was sent
    std::string_view file;       ///< the C++ source that sent it
    std::uint32_t line = 0;      ///< its line, 0 when unknown
    std::uint32_t position = 0;  ///< where in sql, in characters from 1; 0 when unknown
    std::uint32_t statement = 0; ///< which of several statements in sql, from 1; 0 when there is but one
};

/// Thrown by every function of MigrationContext, and yours to throw: a migration that lets it out is rolled
/// back and reported. It owns its text, copies without allocating and may be kept for as long as you like.
///
/// After a failed statement the transaction is unusable, whatever you catch: only
/// MigrationContext::savepoint() lets a migration go on.
class DIBS_API Error : public std::exception {
  public:
    /// @param hint what the person who reads it can do about it
    explicit Error(std::string_view message, std::string_view hint = {})
        : Error(ErrorFields{message, {}, {}, hint, {}, {}, {}, {}, 0, 0, 0}) {}

    explicit Error(const ErrorFields& fields) : text_(Text::make(fields)) {}
    Error(const Error& other) noexcept : std::exception(other), text_(other.text_) { text_->share(); }
    Error& operator=(const Error& other) noexcept {
        other.text_->share();
        text_->release();
        text_ = other.text_;
        return *this;
    }
    ~Error() override { text_->release(); }

    /// The message alone, ended by a NUL.
    [[nodiscard]] const char* what() const noexcept override { return text_->get(0).data(); }

    [[nodiscard]] std::string_view message() const noexcept { return text_->get(0); }
    [[nodiscard]] std::string_view sqlstate() const noexcept { return text_->get(1); }
    [[nodiscard]] std::string_view detail() const noexcept { return text_->get(2); }
    [[nodiscard]] std::string_view hint() const noexcept { return text_->get(3); }
    [[nodiscard]] std::string_view context() const noexcept { return text_->get(4); }
    [[nodiscard]] std::string_view constraint() const noexcept { return text_->get(5); }
    [[nodiscard]] std::string_view sql() const noexcept { return text_->get(6); }
    [[nodiscard]] std::string_view file() const noexcept { return text_->get(7); }
    [[nodiscard]] std::uint32_t line() const noexcept { return text_->line; }
    [[nodiscard]] std::uint32_t position() const noexcept { return text_->position; }
    [[nodiscard]] std::uint32_t statement() const noexcept { return text_->statement; }

  private:
    /// One block: this header, then the texts, each ended by a NUL. Shared by the copies of an exception,
    /// which may be read in other threads, so counted atomically (by the compiler's built-ins: <atomic> is
    /// 6,000 lines).
    struct Text {
        static constexpr std::uint32_t count = 8;

        std::uint32_t references;
        std::uint32_t fields; // a newer library may bring more than we know, an older one fewer
        std::uint32_t line;
        std::uint32_t position;
        std::uint32_t statement;
        struct {
            std::uint32_t offset;
            std::uint32_t size;
        } places[count];

        static Text* make(const ErrorFields& from) {
            const std::string_view texts[count] = {from.message, from.sqlstate,   from.detail, from.hint,
                                                   from.context, from.constraint, from.sql,    from.file};
            std::size_t size = sizeof(Text);
            for (const std::string_view text : texts)
                size += text.size() + 1;
            char* const block = static_cast<char*>(::operator new(size));
            Text* const made = new (block) Text{1, count, from.line, from.position, from.statement, {}};
            std::size_t offset = sizeof(Text);
            for (std::uint32_t i = 0; i < count; ++i) {
                made->places[i] = {static_cast<std::uint32_t>(offset),
                                   static_cast<std::uint32_t>(texts[i].size())};
                if (!texts[i].empty())
                    __builtin_memcpy(block + offset, texts[i].data(), texts[i].size());
                offset += texts[i].size();
                block[offset++] = '\0';
            }
            return made;
        }
        [[nodiscard]] std::string_view get(std::uint32_t field) const noexcept {
            if (field >= fields)
                return {};
            return {reinterpret_cast<const char*>(this) + places[field].offset, places[field].size};
        }
        void share() noexcept { __atomic_add_fetch(&references, 1, __ATOMIC_RELAXED); }
        void release() noexcept {
            if (__atomic_sub_fetch(&references, 1, __ATOMIC_ACQ_REL) == 0)
                ::operator delete(this);
        }
    };

    Text* text_;
};

} // namespace abi_v1
} // namespace dibs
