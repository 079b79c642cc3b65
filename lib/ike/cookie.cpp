#include "ike/cookie.hpp"

#include <algorithm>
#include <utility>

#include "crypto/prf.hpp"

namespace xfrmd::ike {
namespace {

/// As long as the prf's output: nothing is gained by more.
constexpr std::size_t secret_size = 32;

struct EndpointOctets {
    explicit EndpointOctets(const Endpoint& endpoint) {
        store_big_endian(endpoint.port, port.data());
    }
    std::array<std::uint8_t, 2> port;
};

}  // namespace

void Cookies::rotate(Instant now) {
    if (current_ && now - current_->made < secret_lifetime) return;
    if (current_ && now - current_->made < 2 * secret_lifetime)
        previous_ = std::move(current_);
    else
        previous_.reset();
    current_ = Key{next_number_++, now, Secret(secret_size)};
    random_.fill(current_->secret.writable());
}

Cookies::Cookie Cookies::compute(const Key& key, const Caller& caller) const {
    const EndpointOctets own(caller.own);
    const EndpointOctets remote(caller.remote);
    std::array<std::uint8_t, 8> spi;
    store_big_endian(caller.spi_i.value(), spi.data());
    // Both addresses are of one family, so their lengths need no octet.
    const Secret mac = crypto::Prf(library_, wire::PrfId::hmac_sha2_256)(
        key.secret.view(), {caller.own.address.bytes(), own.port, caller.remote.address.bytes(),
                            remote.port, spi, caller.nonce});
    Cookie cookie;
    cookie[0] = key.number;
    std::ranges::copy(mac.view().first(size - 1), cookie.begin() + 1);
    return cookie;
}

Cookies::Cookie Cookies::make(const Caller& caller, Instant now) {
    rotate(now);
    return compute(*current_, caller);
}

bool Cookies::is_right(ByteView cookie, const Caller& caller, Instant now) {
    if (cookie.size() != size) return false;
    rotate(now);
    for (const auto* key : {&current_, &previous_})
        if (*key && (*key)->number == cookie[0])
            return now - (*key)->made < 2 * secret_lifetime &&
                   Secret::equal(compute(**key, caller), cookie);
    return false;
}

}  // namespace xfrmd::ike
