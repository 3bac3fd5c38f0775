#pragma once

#include "embedded/binaries.hpp"
#include "embedded/location.hpp"
#include "embedded/lock.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dibs::embedded {

/// Names of server settings with their values, as in postgresql.conf.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// The major version that made the cluster, from PG_VERSION; nullopt if there is no cluster. A folder of that
/// name that holds something else is a Failure: it is not ours to use or remove.
std::optional<int> cluster_version(const std::filesystem::path& cluster);

/// Makes a cluster with a superuser and a database, both named dibs: in a folder beside, which is renamed
/// when it is complete. The lock stays with initdb even if this process is killed.
void create_cluster(const Location& location, const Binaries& binaries, const Lock& lock);

/// Removes the clusters that were never completed and those whose removal was interrupted.
void remove_leftovers(const Location& location);

/// Removes the cluster with all data in it. It must be stopped.
void remove_cluster(const Location& location);

/// Writes the settings for the next start.
void write_settings(const Location& location, const Settings& settings);
/// Text of that file: the later of two settings of one name counts.
std::string settings_file(const Settings& settings);
/// A value of unix_socket_directories, which is a list.
std::string as_list_element(std::string_view path);

/// Creates the socket directory, or makes sure that it is nobody else's; only its owner may enter it, and
/// that is all the authentication there is.
void prepare_socket_directory(const Location& location);

/// A program of the server, run as the server's account in this directory, free of PG* variables.
process::Command server_command(const Location& location, const std::filesystem::path& directory,
                                std::vector<std::string> argv);

} // namespace dibs::embedded
