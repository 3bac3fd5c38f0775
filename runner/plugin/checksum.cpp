// OpenSSL 3 would rather see EVP, whose first digest sets up providers and reads openssl.cnf: that took a
// tenth of what `dibs migrate` does when nothing is pending.
#define OPENSSL_API_COMPAT 10101

#include "plugin/checksum.hpp"

#include <array>
#include <stdexcept>

#include <openssl/sha.h>

namespace dibs::plugin {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

class Sha256 {
  public:
    Sha256() { check(SHA256_Init(&context_)); }
    void add(std::string_view text) { check(SHA256_Update(&context_, text.data(), text.size())); }
    Digest finish() {
        Digest digest{};
        check(SHA256_Final(digest.data(), &context_));
        return digest;
    }

  private:
    static void check(int outcome) {
        if (outcome != 1)
            throw std::runtime_error("OpenSSL could not compute SHA-256");
    }
    SHA256_CTX context_;
};

} // namespace

std::string source_checksum(std::string_view source) {
    if (source.starts_with("\xEF\xBB\xBF"))
        source.remove_prefix(3);
    Sha256 hash;
    for (std::size_t end = source.find("\r\n"); end != std::string_view::npos; end = source.find("\r\n")) {
        hash.add(source.substr(0, end));
        hash.add("\n");
        source.remove_prefix(end + 2);
    }
    hash.add(source);
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (const unsigned char byte : hash.finish()) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

std::int64_t lock_key(std::string_view text) {
    Sha256 hash;
    hash.add(text);
    const Digest digest = hash.finish();
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < 8; ++i)
        key = key << 8 | digest[i];
    return static_cast<std::int64_t>(key);
}

} // namespace dibs::plugin
