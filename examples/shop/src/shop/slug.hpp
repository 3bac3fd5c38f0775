#pragma once

#include <string>
#include <string_view>

namespace shop {

/// A title as a part of a web address: "Café au lait, 250 ml" is "cafe-au-lait-250-ml".
///
/// Lower-case ASCII letters and digits, with one hyphen for all that stands between them. Letters of Latin-1
/// lose their accents; what has no such letter counts as a gap.
/// @return empty when the title has neither letters nor digits
std::string slug(std::string_view title);

} // namespace shop
