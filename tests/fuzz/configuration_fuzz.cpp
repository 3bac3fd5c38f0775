#include <cstdint>
#include <string>

#include "config/document.hpp"
#include "config/layer.hpp"
#include "report/failure.hpp"

/// dibs.yaml: whatever stands in it, the user gets an error with a place or a configuration.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const dibs::config::Node document =
            dibs::config::parse_document(std::string(reinterpret_cast<const char*>(data), size), "dibs.yaml");
        const dibs::config::Layers layers = dibs::config::read_layers(document, "dibs.yaml");
        for (const auto& [name, layer] : layers.environments)
            static_cast<void>(dibs::config::overlaid(layers.base, layer));
    } catch (const dibs::report::Failure&) { // what is wrong with it, and where
    }
    return 0;
}
