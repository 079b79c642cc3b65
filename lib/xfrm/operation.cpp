#include "xfrm/operation.hpp"

#include <fmt/format.h>
#include <string.h>

#include <utility>

#include "base/assert.hpp"

namespace xfrmd::xfrm {
namespace {

std::string_view direction_name(Direction direction) {
    switch (direction) {
        case Direction::in: return "inbound";
        case Direction::out: return "outbound";
        case Direction::forward: return "forward";
    }
    return "undirected";
}

/// " port 80", " ports 1024-2047", or nothing for all.
std::string port_text(std::uint16_t port, std::uint16_t mask) {
    if (mask == 0) return {};
    if (mask == 0xffff) return fmt::format(" port {}", port);
    const unsigned first = port & mask;
    return fmt::format(" ports {}-{}", first, first | (0xffffU & ~mask));
}

std::string sa_text(std::string_view verb, EspSpi spi, const IpAddress& destination) {
    return fmt::format("{} SA {:08x} to {}", verb, spi.value(), destination.to_text());
}

std::string policy_text(std::string_view verb, Direction direction, const Selector& selector,
                        IfId if_id) {
    std::string text =
        fmt::format("{} {} policy {}", verb, direction_name(direction), selector.to_text());
    if (if_id != IfId{}) text += fmt::format(" of interface id {}", if_id.value());
    return text;
}

std::string describe(const InstallSa& op) {
    return sa_text(fmt::format("install {}", direction_name(op.direction)), op.spi, op.destination);
}
std::string describe(const UpdatePorts& op) {
    return sa_text(fmt::format("change the ports of {}", direction_name(op.sa.direction)),
                   op.sa.spi, op.sa.destination);
}
std::string describe(const DeleteSa& op) {
    return sa_text("delete", op.spi, op.destination);
}
std::string describe(const AllocateSpi& op) {
    return sa_text("allocate", op.spi, op.destination);
}
std::string describe(const QuerySa& op) {
    return sa_text("query", op.spi, op.destination);
}
std::string describe(const InstallPolicy& op) {
    return policy_text("install", op.direction, op.selector, op.if_id);
}
std::string describe(const DeletePolicy& op) {
    return policy_text("delete", op.direction, op.selector, op.if_id);
}
std::string describe(const QueryPolicy& op) {
    return policy_text("query", op.direction, op.selector, op.if_id);
}
std::string describe(const CreateInterface& op) {
    return fmt::format("{} interface {} with id {}", op.replace ? "change" : "create", op.name,
                       op.if_id.value());
}
std::string describe(const DeleteInterface& op) {
    return fmt::format("delete interface {}", op.name);
}
std::string describe(const QueryRoute& op) {
    return fmt::format("find a route from {} to {}", op.source.to_text(), op.destination.to_text());
}

}  // namespace

PolicyIndex policy_index(std::uint32_t slot, Direction direction) {
    XFRMD_ASSERT(slot < policy_slots);
    return PolicyIndex(own_index_prefix | slot << 3 | std::to_underlying(direction));
}

std::uint32_t policy_slot(PolicyIndex index) {
    return (index.value() & ~own_prefix_mask) >> 3;
}

InstallPolicy blocking(const PolicyStatus& policy) {
    InstallPolicy install;
    install.direction = policy.direction;
    install.selector = policy.selector;
    install.if_id = policy.if_id;
    install.index = policy.index;
    install.priority = policy.priority;
    install.action = PolicyAction::block;
    return install;
}

bool is_own(const PolicyStatus& policy) {
    return is_own(policy.index) || (policy.tmpl && is_own(policy.tmpl->reqid));
}

void append(std::vector<Operation>& operations, const std::vector<PolicyOperation>& policies) {
    for (const PolicyOperation& policy : policies)
        std::visit([&](const auto& one) { operations.emplace_back(one); }, policy);
}

std::string Selector::to_text() const {
    std::string text =
        fmt::format("{}{} -> {}{}", source.to_text(), port_text(source_port, source_port_mask),
                    destination.to_text(), port_text(destination_port, destination_port_mask));
    if (protocol != 0) text += fmt::format(" protocol {}", protocol);
    return text;
}

std::string to_text(const Operation& operation) {
    return std::visit([](const auto& one) { return describe(one); }, operation);
}

std::string OperationResult::to_text() const {
    if (ok()) return message.empty() ? "ok" : "ok, with a warning: " + message;
    const char* name = strerrorname_np(error);
    const char* meaning = strerrordesc_np(error);
    if (name == nullptr || meaning == nullptr) return fmt::format("error {}: {}", error, message);
    return fmt::format("{}: {}", name, message.empty() ? meaning : message);
}

}  // namespace xfrmd::xfrm
