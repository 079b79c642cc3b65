#include "crypto/key_exchange.hpp"

#include <utility>
#include <variant>

#include "base/try.hpp"
#include "crypto/library_parts.hpp"

namespace xfrmd::crypto {

using wire::KeyExchangeMethod;

struct KeyExchange::Private {
    std::variant<ModpKey, EcpKey, XdhKey> key;
};

std::size_t public_value_size(KeyExchangeMethod method) {
    switch (method) {
        case KeyExchangeMethod::modp_2048: return 256;
        case KeyExchangeMethod::modp_3072: return 384;
        case KeyExchangeMethod::modp_4096: return 512;
        case KeyExchangeMethod::modp_6144: return 768;
        case KeyExchangeMethod::modp_8192: return 1024;
        case KeyExchangeMethod::ecp_256: return 64;
        case KeyExchangeMethod::ecp_384: return 96;
        case KeyExchangeMethod::ecp_521: return 132;
        case KeyExchangeMethod::curve25519: return 32;
        case KeyExchangeMethod::curve448: return 56;
        case KeyExchangeMethod::none:
        case KeyExchangeMethod::modp_768:
        case KeyExchangeMethod::modp_1024:
        case KeyExchangeMethod::modp_1536:
        case KeyExchangeMethod::ml_kem_512:
        case KeyExchangeMethod::ml_kem_768:
        case KeyExchangeMethod::ml_kem_1024: return 0;
    }
    return 0;
}

bool may_be_public_value(const Library& library, KeyExchangeMethod method, ByteView value) {
    const Library::Parts& parts = library.parts();
    if (const ModpGroup* group = parts.modp(method)) return group->accepts(value);
    if (const EcpGroup* group = parts.ecp(method)) return group->accepts(value);
    if (const XdhFunction* xdh = parts.xdh(method)) return value.size() == xdh->value_octets();
    return false;
}

KeyExchange::KeyExchange(KeyExchangeMethod method, Bytes public_value,
                         std::unique_ptr<Private> private_value)
    : method_(method), public_value_(std::move(public_value)), private_(std::move(private_value)) {}

KeyExchange::KeyExchange(KeyExchange&&) noexcept = default;
KeyExchange& KeyExchange::operator=(KeyExchange&&) noexcept = default;
KeyExchange::~KeyExchange() = default;

std::expected<KeyExchange, CryptoError> KeyExchange::generate(const Library& library,
                                                              KeyExchangeMethod method,
                                                              Random& random) {
    auto with = [method](auto key) -> std::expected<KeyExchange, CryptoError> {
        auto drawn = XFRMD_TRY(std::move(key));
        Bytes public_value = XFRMD_TRY(drawn.public_value());
        return KeyExchange(method, std::move(public_value),
                           std::make_unique<Private>(Private{std::move(drawn)}));
    };
    const Library::Parts& parts = library.parts();
    if (const ModpGroup* group = parts.modp(method)) return with(ModpKey::generate(*group, random));
    if (const EcpGroup* group = parts.ecp(method)) return with(EcpKey::generate(*group, random));
    if (const XdhFunction* xdh = parts.xdh(method)) return with(XdhKey::generate(*xdh, random));
    return std::unexpected(CryptoError::unsupported);
}

std::expected<Secret, CryptoError> KeyExchange::shared_secret(ByteView peer_public_value) const {
    return std::visit([&](const auto& key) { return key.shared_secret(peer_public_value); },
                      private_->key);
}

}  // namespace xfrmd::crypto
