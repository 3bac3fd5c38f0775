#include <vector>

#include "process/interrupt.hpp"
#include "worker/context.hpp"
#include "worker/host.hpp"

namespace dibs::worker {
namespace {

class LocalHost final : public Host {
  public:
    void load(const std::vector<plugin::Expected>& libraries) override {
        for (const plugin::Expected& library : libraries)
            loaded_.emplace_back(library);
    }
    Ending run(std::size_t library, bool backwards, Session& session) override {
        const plugin::LoadedLibrary& found = loaded_.at(library);
        return worker::run(backwards ? found.rollback() : found.migrate(), session);
    }
    Ending describe(const plugin::SchemaLibrary& library, dibs::SchemaSink& sink) override {
        const plugin::LoadedSchema loaded(library.path, library.identity);
        return ending_of([&] { loaded.describe()(sink); });
    }
    [[nodiscard]] int end_descriptor() const override { return process::interrupt_descriptor(); }

  private:
    std::vector<plugin::LoadedLibrary> loaded_;
};

} // namespace

std::unique_ptr<Host> this_process() {
    return std::make_unique<LocalHost>();
}

} // namespace dibs::worker
