#include "support/project.hpp"

#include <fcntl.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "process/file_descriptor.hpp"

namespace dibs::tests {
Project::Project() {
    std::filesystem::create_directories(folder() / "migrations");
    std::filesystem::create_directories(folder() / "build/migrations");
    write("dibs.yaml", fmt::format("database: \"{}\"\n", database_.url()));
}

void Project::add(const std::string& stem, std::string_view text) {
    write(source(stem), text);
    compile(source(stem), library(stem));
}

void Project::add_body(const std::string& stem, std::string_view body, std::string_view options) {
    add(stem, source_around(body, options));
}

void Project::add_bodies(const std::vector<std::pair<std::string, std::string>>& stems_and_bodies) {
    std::vector<std::exception_ptr> failures(stems_and_bodies.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t first = 0; first < 2; ++first)
            threads.emplace_back([&, first] {
                for (std::size_t i = first; i < stems_and_bodies.size(); i += 2) {
                    try {
                        add_body(stems_and_bodies[i].first, stems_and_bodies[i].second);
                    } catch (...) {
                        failures[i] = std::current_exception();
                    }
                }
            });
    }
    for (const std::exception_ptr& failure : failures)
        if (failure)
            std::rethrow_exception(failure);
}

process::Command Project::command(const std::vector<std::string>& words) const {
    std::vector<std::string> argv{dibs_program().string()};
    argv.insert(argv.end(), words.begin(), words.end());
    return command_in(folder(), std::move(argv));
}

Ran Project::dibs(const std::vector<std::string>& words) const {
    process::Result result = process::run(command(words));
    return {result.exit.signal != 0 ? -1 : result.exit.code, std::move(result.out), std::move(result.err)};
}

process::Child Project::start(const std::vector<std::string>& words, const std::string& name) const {
    const auto open_file = [&](const std::string& ending) {
        const std::filesystem::path path = folder() / (name + ending);
        return process::FileDescriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    };
    const process::FileDescriptor out = open_file(".out");
    const process::FileDescriptor err = open_file(".err");
    return process::spawn(command(words), {-1, out.get(), err.get()});
}

std::string Project::read(const std::filesystem::path& file) const {
    std::ifstream stream(folder() / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void Project::write(const std::filesystem::path& file, std::string_view text) const {
    std::ofstream stream(folder() / file, std::ios::binary);
    stream << text;
    if (!stream.flush())
        throw std::runtime_error("cannot write " + (folder() / file).string());
}

} // namespace dibs::tests
