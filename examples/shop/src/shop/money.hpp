#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace shop {

/// An amount in the hundredths of a currency: cents, pence.
struct Money {
    std::int64_t cents;
    std::string_view currency; ///< its ISO 4217 code, a literal
};

/// Reads a price as people type it: "12.50 EUR", "€ 12,50", "$1,299", "1.299,00 €".
///
/// A dot or a comma before the last two digits begins the cents, before each three it groups thousands.
/// @return nothing for any other text: a price is never guessed
std::optional<Money> parse_money(std::string_view text);

} // namespace shop
