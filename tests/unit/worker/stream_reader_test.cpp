#include <ranges>

#include <dibs/stream.hpp>

// What views and algorithms of the standard library ask for.
static_assert(std::ranges::input_range<dibs::Stream>);
static_assert(std::movable<dibs::Stream>);
static_assert(std::copyable<dibs::StreamedRow>);
