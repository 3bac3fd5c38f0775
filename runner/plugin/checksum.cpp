#include "plugin/checksum.hpp"

#include <array>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace dibs::plugin {
namespace {

using Digest = std::array<unsigned char, 32>;

/// One digest context a thread: making one costs more than hashing a short file.
class Sha256 {
  public:
    Sha256() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
        if (!algorithm_ || !context_)
            throw std::runtime_error("OpenSSL has no SHA-256");
        start();
    }
    void start() { check(EVP_DigestInit_ex(context_.get(), algorithm_.get(), nullptr)); }
    void add(std::string_view text) { check(EVP_DigestUpdate(context_.get(), text.data(), text.size())); }
    Digest finish() {
        Digest digest{};
        check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
        start();
        return digest;
    }

  private:
    static void check(int outcome) {
        if (outcome != 1)
            throw std::runtime_error("OpenSSL could not compute SHA-256");
    }
    struct Free {
        void operator()(EVP_MD* algorithm) const noexcept { EVP_MD_free(algorithm); }
        void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD, Free> algorithm_;
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Sha256& sha256() {
    thread_local Sha256 hash;
    return hash;
}

} // namespace

std::string source_checksum(std::string_view source) {
    if (source.starts_with("\xEF\xBB\xBF"))
        source.remove_prefix(3);
    Sha256& hash = sha256();
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
    Sha256& hash = sha256();
    hash.add(text);
    const Digest digest = hash.finish();
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < 8; ++i)
        key = key << 8 | digest[i];
    return static_cast<std::int64_t>(key);
}

} // namespace dibs::plugin
