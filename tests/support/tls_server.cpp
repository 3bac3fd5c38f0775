#include "support/tls_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "process/child.hpp"
#include "process/file_descriptor.hpp"

namespace dibs::tests {
namespace {

namespace fs = std::filesystem;

void openssl(std::vector<std::string> words) {
    words.insert(words.begin(), "openssl");
    const process::Result result = process::run({.argv = std::move(words)});
    if (!result.exit.ok())
        throw std::runtime_error("openssl: " + result.err);
}

/// What is the same in all requests; the machine's own openssl.cnf may say anything.
std::vector<std::string> request(const fs::path& folder, const std::string& name, const Certificate& files,
                                 const std::string& extensions) {
    const fs::path config = folder / "openssl.cnf";
    std::ofstream(config) << "[req]\ndistinguished_name = name\n[name]\n[extensions]\n" << extensions;
    return {"req",        "-x509",   "-config", config,           "-extensions",
            "extensions", "-newkey", "ec",      "-pkeyopt",       "ec_paramgen_curve:prime256v1",
            "-nodes",     "-days",   "2",       "-subj",          "/CN=" + name,
            "-keyout",    files.key, "-out",    files.certificate};
}

Certificate files_of(const fs::path& folder, const std::string& name) {
    return {folder / (name + ".crt"), folder / (name + ".key")};
}

/// One that nobody listens on just now.
int free_port() {
    const process::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.get(), any, size) != 0 || ::getsockname(socket.get(), any, &size) != 0)
        throw std::system_error(errno, std::generic_category(), "a port");
    return ntohs(address.sin_port);
}

/// A file of the server's account, which alone may read it.
void give(const fs::path& from, const fs::path& to, const fs::path& cluster) {
    struct stat status {};
    fs::copy_file(from, to);
    if (::stat(cluster.c_str(), &status) != 0 || ::chown(to.c_str(), status.st_uid, status.st_gid) != 0 ||
        ::chmod(to.c_str(), 0600) != 0)
        throw std::system_error(errno, std::generic_category(), to.string());
}

} // namespace

CertificateAuthority::CertificateAuthority(const fs::path& folder, const std::string& name)
    : folder_(folder), own_(files_of(folder, name)) {
    openssl(request(folder_, name, own_, "basicConstraints = critical, CA:TRUE\n"));
}

Certificate CertificateAuthority::issue(const std::string& name) const {
    const Certificate issued = files_of(folder_, own_.certificate.stem().string() + "-" + name);
    std::vector<std::string> words =
        request(folder_, name, issued, "basicConstraints = CA:FALSE\nsubjectAltName = DNS:" + name + "\n");
    words.insert(words.end(), {"-CA", own_.certificate, "-CAkey", own_.key});
    openssl(std::move(words));
    return issued;
}

fs::path encrypted(const fs::path& key, const std::string& passphrase) {
    const fs::path result = key.string() + ".encrypted";
    openssl({"pkey", "-in", key, "-aes256", "-passout", "pass:" + passphrase, "-out", result});
    fs::permissions(result, fs::perms::owner_read | fs::perms::owner_write);
    return result;
}

TlsServer::TlsServer() : authority_(folder_.path(), "authority"), port_(free_port()) {
    const fs::path data = fs::canonical(cluster_.cluster());
    const Certificate own = authority_.issue("db.example");
    give(own.certificate, data / "server.crt", data);
    give(own.key, data / "server.key", data);
    give(authority_.root(), data / "root.crt", data);
    std::ofstream(data / "pg_hba.conf") << "local all dibs trust\n"
                                           "hostssl all app 127.0.0.1/32 scram-sha-256\n"
                                           "hostssl all certified 127.0.0.1/32 cert\n"
                                           "host all anyhow 127.0.0.1/32 trust\n";
    // Read after dibs.conf, in which the embedded server listens on its Unix socket only.
    std::ofstream(data / "postgresql.auto.conf", std::ios::app) << fmt::format(
        "listen_addresses = '127.0.0.1'\nport = {}\nssl = on\nssl_ca_file = 'root.crt'\n", port_);
    cluster_.server().ensure_running();
    psql("CREATE ROLE app LOGIN PASSWORD 'geheim'; CREATE ROLE certified LOGIN; CREATE ROLE anyhow LOGIN; "
         "GRANT CREATE ON SCHEMA public TO app, certified, anyhow");
}

std::string TlsServer::conninfo(const std::string& role, const std::string& host) const {
    return fmt::format("host={} hostaddr=127.0.0.1 port={} user={} dbname=dibs", host, port_, role);
}

} // namespace dibs::tests
