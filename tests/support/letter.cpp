#include "support/letter.hpp"

#include <fmt/format.h>

#include "ike/ike_sa.hpp"

namespace xfrmd::test {

wire::Header Letter::header() const {
    return wire::Header::parse(datagram.octets).value_or(wire::Header{});
}

std::string Letter::summary() const {
    const auto read = wire::Header::parse(datagram.octets);
    const std::string way =
        fmt::format("{} -> {}", from != nullptr ? from->name : datagram.local.to_text(),
                    to != nullptr ? to->name : datagram.remote.to_text());
    if (!read) return fmt::format("{}: {} octets, not IKE", way, datagram.octets.size());
    return fmt::format("{}: {} {} {} ({})", way, wire::to_text(read->exchange),
                       read->response ? "response" : "request", read->message_id.value(),
                       ike::to_text(read->spi_i, read->spi_r));
}

Pick Pick::from(const Gateway& sender) const {
    Pick narrower = *this;
    narrower.from_ = &sender;
    return narrower;
}

Pick Pick::request() const {
    Pick narrower = *this;
    narrower.response_ = false;
    return narrower;
}

Pick Pick::response() const {
    Pick narrower = *this;
    narrower.response_ = true;
    return narrower;
}

Pick Pick::of(wire::ExchangeType exchange) const {
    Pick narrower = *this;
    narrower.exchange_ = exchange;
    return narrower;
}

Pick Pick::id(std::uint32_t message_id) const {
    Pick narrower = *this;
    narrower.message_id_ = MessageId(message_id);
    return narrower;
}

Pick Pick::nth(std::size_t place) const {
    Pick narrower = *this;
    narrower.place_ = place;
    return narrower;
}

bool Pick::fits(const Letter& letter) const {
    const wire::Header header = letter.header();
    return (from_ == nullptr || from_ == letter.from) &&
           response_.value_or(header.response) == header.response &&
           exchange_.value_or(header.exchange) == header.exchange &&
           message_id_.value_or(header.message_id) == header.message_id;
}

std::optional<std::size_t> Pick::find(std::span<const Letter> letters) const {
    std::size_t fitting = 0;
    for (std::size_t i = 0; i < letters.size(); ++i)
        if (fits(letters[i]) && ++fitting == place_) return i;
    return std::nullopt;
}

}  // namespace xfrmd::test
