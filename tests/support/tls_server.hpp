#pragma once

#include <filesystem>
#include <string>

#include "support/scratch_server.hpp"
#include "support/temporary_directory.hpp"

namespace dibs::tests {

/// A certificate and its private key, as PEM files that only this account reads.
struct Certificate {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// Issues certificates, and is trusted by who has its root.
class CertificateAuthority {
  public:
    /// @param name the files in `folder` are called so
    CertificateAuthority(const std::filesystem::path& folder, const std::string& name);

    /// @param name the common name, and the host name of a server
    [[nodiscard]] Certificate issue(const std::string& name) const;
    [[nodiscard]] const std::filesystem::path& root() const { return own_.certificate; }

  private:
    std::filesystem::path folder_;
    Certificate own_;
};

/// The key once more, behind a passphrase.
std::filesystem::path encrypted(const std::filesystem::path& key, const std::string& passphrase);

/// A server of its own for one test, that listens on 127.0.0.1 as well and speaks TLS there. Its certificate
/// is for db.example. These roles can connect from there: `app` and `certified` (with a certificate of
/// authority() for that name) by TLS only, `anyhow` without, too.
class TlsServer {
  public:
    TlsServer();

    /// Key=value pairs that say nothing of TLS.
    [[nodiscard]] std::string conninfo(const std::string& role, const std::string& host = "db.example") const;
    [[nodiscard]] int port() const { return port_; }
    std::string psql(std::string_view sql) const { return cluster_.psql(sql); }
    [[nodiscard]] const CertificateAuthority& authority() const { return authority_; }
    /// For more files.
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  private:
    TemporaryDirectory folder_;
    CertificateAuthority authority_;
    ScratchCluster cluster_;
    int port_;
};

} // namespace dibs::tests
