#include "crypto/ecp.hpp"

#include <openssl/obj_mac.h>

#include "base/try.hpp"

namespace xfrmd::crypto {

namespace {

using openssl::failure;
using wire::KeyExchangeMethod;

/// Attempts to draw a scalar below the order. P-256's order, the worst, refuses one draw in 2^32;
/// so many refusals in a row mean that the source of randomness is broken.
constexpr int max_draws = 64;

int curve_name(KeyExchangeMethod method) {
    if (method == KeyExchangeMethod::ecp_256) return NID_X9_62_prime256v1;
    if (method == KeyExchangeMethod::ecp_384) return NID_secp384r1;
    if (method == KeyExchangeMethod::ecp_521) return NID_secp521r1;
    return NID_undef;
}

/// A number from 1 to `order` - 1, all of them equally likely: what does not fit is drawn again.
openssl::Number draw_scalar(const BIGNUM& order, Random& random) {
    const int bits = BN_num_bits(&order);
    Secret octets((static_cast<std::size_t>(bits) + 7) / 8);
    openssl::Number scalar(BN_new());
    if (!scalar) return nullptr;
    for (int draw = 0; draw < max_draws; ++draw) {
        random.fill(octets.writable());
        // P-521: the first octet holds one bit.
        if (bits % 8 != 0)
            octets.writable()[0] &= static_cast<std::uint8_t>((1U << (bits % 8)) - 1);
        if (!BN_bin2bn(octets.view().data(), static_cast<int>(octets.size()), scalar.get()))
            return nullptr;
        if (!BN_is_zero(scalar.get()) && BN_cmp(scalar.get(), &order) < 0) {
            BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
            return scalar;
        }
    }
    return nullptr;
}

/// The peer's x | y as a point of the curve. Infinity has no coordinates, and can't be sent.
std::expected<openssl::CurvePoint, CryptoError> parse_point(const EcpGroup& group, ByteView value,
                                                            BN_CTX& scratch) {
    const std::size_t half = group.coordinate_octets();
    if (value.size() != 2 * half) return failure(CryptoError::invalid_public_value);

    const openssl::Number x(BN_bin2bn(value.data(), static_cast<int>(half), nullptr));
    const openssl::Number y(BN_bin2bn(value.data() + half, static_cast<int>(half), nullptr));
    openssl::CurvePoint point(EC_POINT_new(&group.curve()));
    if (!x || !y || !point) return failure(CryptoError::library_failure);

    // OpenSSL would reduce a coordinate that is too large, and accept two names for one point.
    if (BN_cmp(x.get(), &group.field()) >= 0 || BN_cmp(y.get(), &group.field()) >= 0)
        return failure(CryptoError::invalid_public_value);
    if (EC_POINT_set_affine_coordinates(&group.curve(), point.get(), x.get(), y.get(), &scratch) !=
            1 ||
        EC_POINT_is_on_curve(&group.curve(), point.get(), &scratch) != 1)
        return failure(CryptoError::invalid_public_value);
    return point;
}

/// Writes x, and y where it is asked for, each as long as the field.
bool write_coordinates(const EcpGroup& group, const EC_POINT& point, BN_CTX& scratch,
                       MutableByteView x_out, MutableByteView y_out) {
    const openssl::Number x(BN_new());
    const openssl::Number y(BN_new());
    return x && y &&
           EC_POINT_get_affine_coordinates(&group.curve(), &point, x.get(), y.get(), &scratch) ==
               1 &&
           BN_bn2binpad(x.get(), x_out.data(), static_cast<int>(x_out.size())) >= 0 &&
           (y_out.empty() ||
            BN_bn2binpad(y.get(), y_out.data(), static_cast<int>(y_out.size())) >= 0);
}

}  // namespace

std::optional<EcpGroup> EcpGroup::load(KeyExchangeMethod method) {
    const int name = curve_name(method);
    if (name == NID_undef) return std::nullopt;

    EcpGroup group;
    group.method_ = method;
    group.curve_.reset(EC_GROUP_new_by_curve_name_ex(nullptr, nullptr, name));
    if (!group.curve_) return std::nullopt;
    group.coordinate_octets_ =
        (static_cast<std::size_t>(EC_GROUP_get_degree(group.curve_.get())) + 7) / 8;
    return group;
}

bool EcpGroup::accepts(ByteView value) const {
    const openssl::NumberScratch scratch(BN_CTX_new());
    return scratch && parse_point(*this, value, *scratch).has_value();
}

std::expected<EcpKey, CryptoError> EcpKey::generate(const EcpGroup& group, Random& random) {
    openssl::Number scalar = draw_scalar(group.order(), random);
    if (!scalar) return failure(CryptoError::library_failure);
    return EcpKey(group, std::move(scalar));
}

// EC_POINT_mul with one scalar is constant-time for these curves.
std::expected<Bytes, CryptoError> EcpKey::public_value() const {
    const openssl::NumberScratch scratch(BN_CTX_new());
    const openssl::CurvePoint point(EC_POINT_new(&group_->curve()));
    const std::size_t half = group_->coordinate_octets();
    Bytes value(2 * half);
    const MutableByteView octets(value);
    if (!scratch || !point ||
        EC_POINT_mul(&group_->curve(), point.get(), scalar_.get(), nullptr, nullptr,
                     scratch.get()) != 1 ||
        !write_coordinates(*group_, *point, *scratch, octets.first(half), octets.last(half)))
        return failure(CryptoError::library_failure);
    return value;
}

std::expected<Secret, CryptoError> EcpKey::shared_secret(ByteView peer) const {
    const openssl::NumberScratch scratch(BN_CTX_new());
    const openssl::CurvePoint common(EC_POINT_new(&group_->curve()));
    if (!scratch || !common) return failure(CryptoError::library_failure);
    const openssl::CurvePoint point = XFRMD_TRY(parse_point(*group_, peer, *scratch));

    Secret x(group_->coordinate_octets());
    if (EC_POINT_mul(&group_->curve(), common.get(), nullptr, point.get(), scalar_.get(),
                     scratch.get()) != 1 ||
        !write_coordinates(*group_, *common, *scratch, x.writable(), {}))
        return failure(CryptoError::library_failure);
    return x;
}

}  // namespace xfrmd::crypto
