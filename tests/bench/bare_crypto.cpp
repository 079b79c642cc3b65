#include "bare_crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <time.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

namespace xfrmd::bench {
namespace {

template <auto Free>
struct Deleter {
    void operator()(auto* handle) const { Free(handle); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER, Deleter<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;

void require(bool ok) {
    if (!ok) std::abort();
}

/// What HMACs are computed over, in octets: SKEYSEED and five blocks of prf+ for 136 octets of
/// keys; twice AUTH with key pad, ID and signed octets; two blocks for a Child SA.
constexpr std::array<std::size_t, 6> ike_key_inputs{32, 81, 113, 113, 113, 113};
constexpr std::array<std::size_t, 6> auth_inputs{17, 8, 300, 17, 8, 300};
constexpr std::array<std::size_t, 2> child_key_inputs{65, 97};
/// A usual IKE_AUTH message inside and what is authenticated in front of it.
constexpr std::size_t message_size = 200;
constexpr std::size_t header_size = 32;

}  // namespace

struct BareCrypto::Parts {
  public:
    explicit Parts(Work work)
        : work_(work),
          mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)),
          mac_context_(EVP_MAC_CTX_new(mac_.get())),
          cipher_(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr)),
          cipher_context_(EVP_CIPHER_CTX_new()),
          generator_(EVP_PKEY_CTX_new_from_name(nullptr, "X25519", nullptr)),
          peer_(generate()) {
        std::array digest{'S', 'H', 'A', '2', '5', '6', '\0'};
        const std::array parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
            OSSL_PARAM_construct_end()};
        require(EVP_MAC_CTX_set_params(mac_context_.get(), parameters.data()) == 1);
    }

    void run() {
        if (work_ != Work::child_rekey) exchange_keys();
        if (work_ == Work::handshake || work_ == Work::ike_rekey) hmacs(ike_key_inputs);
        if (work_ == Work::handshake) hmacs(auth_inputs);
        if (work_ != Work::ike_rekey) hmacs(child_key_inputs);
        for (int pairs = work_ == Work::handshake ? 1 : 2; pairs > 0; --pairs) {
            seal_or_open(1);
            seal_or_open(0);
        }
    }

  private:
    Key generate() {
        EVP_PKEY* key = nullptr;
        require(EVP_PKEY_keygen_init(generator_.get()) == 1 &&
                EVP_PKEY_generate(generator_.get(), &key) == 1);
        return Key(key);
    }

    void exchange_keys() {
        const Key own = generate();
        const KeyContext derivation(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
        std::array<std::uint8_t, 32> secret;
        std::size_t size = secret.size();
        require(EVP_PKEY_derive_init(derivation.get()) == 1 &&
                EVP_PKEY_derive_set_peer(derivation.get(), peer_.get()) == 1 &&
                EVP_PKEY_derive(derivation.get(), secret.data(), &size) == 1);
    }

    void hmacs(std::span<const std::size_t> inputs) {
        for (std::size_t input : inputs)
            hmac(input);
    }

    void hmac(std::size_t input) {
        std::size_t size = 0;
        require(EVP_MAC_init(mac_context_.get(), data_.data(), 32, nullptr) == 1 &&
                EVP_MAC_update(mac_context_.get(), data_.data(), input) == 1 &&
                EVP_MAC_final(mac_context_.get(), output_.data(), &size, output_.size()) == 1);
    }

    /// The tag is not compared when opening: the work is the same.
    void seal_or_open(int encrypt) {
        int size = 0;
        require(EVP_CipherInit_ex2(cipher_context_.get(), cipher_.get(), data_.data(), data_.data(),
                                   encrypt, nullptr) == 1 &&
                EVP_CipherUpdate(cipher_context_.get(), nullptr, &size, data_.data(),
                                 header_size) == 1 &&
                EVP_CipherUpdate(cipher_context_.get(), output_.data(), &size, data_.data(),
                                 message_size) == 1);
        if (encrypt == 1)
            require(EVP_CipherFinal_ex(cipher_context_.get(), output_.data(), &size) == 1);
    }

    const Work work_;
    Mac mac_;
    MacContext mac_context_;
    Cipher cipher_;
    CipherContext cipher_context_;
    KeyContext generator_;
    Key peer_;
    std::array<std::uint8_t, 512> data_{1};
    std::array<std::uint8_t, 512> output_{};
};

BareCrypto::BareCrypto(Work work) : parts_(std::make_unique<Parts>(work)) {
    for (int i = 0; i < 20; ++i)
        parts_->run();  // warms caches
}

BareCrypto::~BareCrypto() = default;

void BareCrypto::measure(int rounds) {
    timespec before{};
    timespec after{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    for (int i = 0; i < rounds; ++i)
        parts_->run();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    seconds_ += static_cast<double>(after.tv_sec - before.tv_sec) +
                static_cast<double>(after.tv_nsec - before.tv_nsec) * 1e-9;
    rounds_ += rounds;
}

}  // namespace xfrmd::bench
