#include "support/user_traffic.hpp"

#include <fmt/format.h>

#include "support/clock_text.hpp"

namespace xfrmd::test {
namespace {

using xfrm::Direction;

/// How many losses a summary names.
constexpr std::size_t named_losses = 5;

/// The interface id of an XFRM interface; nothing if the gateway has none of that name.
std::optional<IfId> find_interface(const FakeKernel& kernel, std::string_view name) {
    if (name.empty()) return IfId{};
    const auto found = kernel.interfaces().find(std::string(name));
    return found == kernel.interfaces().end() ? std::nullopt : std::optional(found->second.if_id);
}

}  // namespace

std::string_view to_text(PacketFate fate) {
    switch (fate) {
        case PacketFate::delivered: return "delivered";
        case PacketFate::clear: return "in clear text";
        case PacketFate::blocked: return "blocked";
        case PacketFate::no_sa: return "no SA";
        case PacketFate::unrouted: return "no interface";
        case PacketFate::cut_off: return "cut off";
        case PacketFate::astray: return "gone astray at a NAT";
        case PacketFate::powerless: return "switched off";
        case PacketFate::rejected: return "rejected by the receiver";
    }
    return "?";
}

std::expected<const HeldSa*, PacketFate> leave(Gateway& from, const Packet& packet,
                                               std::string_view interface, ike::Now now) {
    if (!from.has_power()) return std::unexpected(PacketFate::powerless);
    const auto if_id = find_interface(from.kernel, interface);
    if (!if_id) return std::unexpected(PacketFate::unrouted);
    const FakeKernel::Outbound out = from.kernel.outbound(packet, *if_id);
    switch (out.fate) {
        case FakeKernel::Fate::clear:
            from.left_in_clear.push_back(packet);
            return std::unexpected(PacketFate::clear);
        case FakeKernel::Fate::blocked: return std::unexpected(PacketFate::blocked);
        case FakeKernel::Fate::no_sa:
            if (out.acquire && from.is_running()) from.handle(xfrm::Event{*out.acquire}, now);
            return std::unexpected(PacketFate::no_sa);
        case FakeKernel::Fate::protected_: break;
    }
    from.kernel.count({out.sa->install.destination, out.sa->install.spi}, 1, packet_octets);
    return out.sa;
}

PacketFate arrive(Gateway& to, const xfrm::InstallSa& sent, const Packet& packet) {
    const HeldSa* received = to.kernel.find(sent.spi, Direction::in);
    if (received == nullptr || !same_protection(sent, received->install) ||
        sent.encapsulation.has_value() != received->install.encapsulation.has_value())
        return PacketFate::rejected;
    to.kernel.count({received->install.destination, sent.spi}, 1, packet_octets);
    const bool tunnel = received->install.mode == xfrm::Mode::tunnel;
    return to.kernel.admits(*received, packet, tunnel ? Direction::forward : Direction::in)
               ? PacketFate::delivered
               : PacketFate::rejected;
}

void Ping::count(PacketFate fate, Instant at) {
    ++sent;
    if (fate == PacketFate::delivered)
        ++delivered;
    else
        losses.push_back({at, fate});
}

std::string Ping::summary() const {
    std::string text = fmt::format("{} of {} delivered", delivered, sent);
    const char* separator = "; lost at ";
    for (std::size_t i = 0; i < losses.size() && i < named_losses; ++i, separator = ", ")
        text +=
            fmt::format("{}{} ({})", separator, clock_text(losses[i].at), to_text(losses[i].fate));
    if (losses.size() > named_losses)
        text += fmt::format(" and {} more", losses.size() - named_losses);
    return text;
}

}  // namespace xfrmd::test
