#include "support/project.hpp"

#include <fcntl.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "process/file_descriptor.hpp"

namespace dibs::tests {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

} // namespace

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

void Project::add_reversible(const std::string& stem, std::string_view body, std::string_view undo,
                             std::string_view options) {
    add(stem, reversible_source(body, undo, options));
}

void Project::add_bodies(const std::vector<std::pair<std::string, std::string>>& stems_and_bodies) {
    std::vector<std::pair<std::string, std::string>> sources;
    for (const auto& [stem, body] : stems_and_bodies)
        sources.emplace_back(stem, source_around(body));
    add_sources(sources);
}

void Project::add_sources(const std::vector<std::pair<std::string, std::string>>& stems_and_sources) {
    std::vector<std::exception_ptr> failures(stems_and_sources.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t first = 0; first < 2; ++first)
            threads.emplace_back([&, first] {
                for (std::size_t i = first; i < stems_and_sources.size(); i += 2) {
                    try {
                        add(stems_and_sources[i].first, stems_and_sources[i].second);
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

void Project::add_series(const std::string& name, std::string_view body, std::size_t count) {
    const std::string first = "m2026_01_01_000000_" + name;
    add_body(first, body);
    const std::string text = read(source(first));
    const std::string bytes = read(library(first));
    for (std::size_t i = 1; i < count; ++i) {
        const std::string stem =
            fmt::format("m2026_01_01_{:02}{:02}{:02}_{}", i / 3600 % 24, i / 60 % 60, i % 60, name);
        write(source(stem), replaced(text, first, stem));
        write(library(stem), replaced(bytes, first, stem)); // its note and source; of the same length
    }
}

process::Command Project::command(const std::vector<std::string>& words,
                                  const std::filesystem::path& program) const {
    std::vector<std::string> argv{program.string()};
    argv.insert(argv.end(), words.begin(), words.end());
    return command_in(folder(), std::move(argv));
}

Ran Project::dibs(const std::vector<std::string>& words) const {
    process::Result result = process::run(command(words));
    return {result.exit.signal != 0 ? -1 : result.exit.code, std::move(result.out), std::move(result.err)};
}

process::Child Project::start(const std::vector<std::string>& words, const std::string& name,
                              const std::filesystem::path& program) const {
    const auto open_file = [&](const std::string& ending) {
        const std::filesystem::path path = folder() / (name + ending);
        return process::FileDescriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    };
    const process::FileDescriptor out = open_file(".out");
    const process::FileDescriptor err = open_file(".err");
    return process::spawn(command(words, program), {-1, out.get(), err.get()});
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
