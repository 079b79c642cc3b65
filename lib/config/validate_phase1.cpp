#include <fmt/format.h>

#include <algorithm>

#include "config/validate.hpp"

namespace xfrmd::config {

namespace {

/// Longer silence before the first probe is legal but hardly meant.
constexpr std::chrono::seconds long_dpd_interval{60};

class Phase1Validation {
  public:
    Phase1Validation(Phase1Entry& entry, SecretReader& secrets, Report& report)
        : entry_(entry), secrets_(secrets), report_(report) {}

    void run() {
        entry_.name = entry_.key;
        interface();
        local_gateway();
        remote_gateway();
        gateway_match();
        identities();
        keys();
        behaviour();
    }

  private:
    void error(std::string_view option, std::string value, Complaint complaint) {
        report_.error(entry_.at(option), std::move(value), std::move(complaint));
    }
    void warn(std::string_view option, std::string value, Complaint complaint) {
        report_.warning(entry_.at(option), std::move(value), std::move(complaint));
    }

    void interface() {
        if (!entry_.has("interface") || !entry_.is_sound("interface")) return;
        const auto is_wrong = [](char c) { return c == '/' || c <= ' ' || c > '~'; };
        if (entry_.interface.empty() || std::ranges::any_of(entry_.interface, is_wrong))
            error("interface", in_quotes(entry_.interface),
                  {"not the name of a network device", "write one such as \"eth0\""});
        else if (entry_.route_based && entry_.interface == entry_.key)
            error("interface", in_quotes(entry_.interface),
                  {"the tunnel's own interface has the same name as its underlay",
                   "rename the phase 1"});
    }

    bool is_v4() const { return entry_.ip_version == IpFamily::v4; }

    void local_gateway() {
        entry_.local_gateway = is_v4() ? entry_.local_gateway4 : entry_.local_gateway6;
        const std::string_view option = is_v4() ? "local-gw" : "local-gw6";
        if (entry_.local_gateway && is_multicast(*entry_.local_gateway))
            error(option, in_quotes(entry_.local_gateway->to_text()),
                  {"a multicast address", "write the address of a device"});
    }

    /// V6: each type has its own way to say where the peer is, and only that.
    void remote_gateway() {
        const std::string_view option = is_v4() ? "remote-gw" : "remote-gw6";
        const auto& address = is_v4() ? entry_.remote_gateway4 : entry_.remote_gateway6;
        if (!entry_.is_sound("type") || !entry_.is_sound("ip-version")) return;
        if (entry_.type != GatewayType::static_) {
            if (address)
                error(option, in_quotes(address->to_text()),
                      {fmt::format("{} has no meaning while {} is {}", option,
                                   entry_.at("type").to_text(),
                                   entry_.type == GatewayType::ddns ? "ddns" : "dynamic"),
                       "remove it, or set type to static"});
            if (entry_.type == GatewayType::ddns && entry_.remote_gateway_name.empty() &&
                entry_.is_sound("remotegw-ddns"))
                error("type", "\"ddns\"", {"\"remotegw-ddns\" is missing", "add the peer's name"});
            return;
        }
        if (!address && entry_.is_sound(option)) {
            error(option, {},
                  {fmt::format("\"{}\" is missing, which type static needs", option),
                   "add the peer's address, or set type to dynamic"});
            return;
        }
        if (!address) return;
        if (is_multicast(*address) || address == entry_.local_gateway)
            error(option, in_quotes(address->to_text()),
                  {is_multicast(*address) ? "a multicast address" : "our own address",
                   "write the peer's"});
        entry_.remote_gateway = address;
    }

    static bool is_multicast(const IpAddress& address) {
        const std::uint8_t first = address.bytes()[0];
        return address.family() == IpFamily::v4 ? (first & 0xf0) == 0xe0 : first == 0xff;
    }

    void gateway_match() {
        if (entry_.gateway_match == GatewayMatch::any) return;
        const bool is_subnet = entry_.gateway_match == GatewayMatch::ipmask;
        for (const std::string_view option :
             {"remote-gw-subnet", "remote-gw-start-ip", "remote-gw-end-ip"})
            if (!entry_.is_sound(option)) return;
        if (is_subnet ? !entry_.gateway_match_subnet.has_value()
                      : !entry_.gateway_match_start || !entry_.gateway_match_end) {
            error("remote-gw-match", {},
                  {"the addresses are missing",
                   is_subnet ? "add remote-gw-subnet"
                             : "add remote-gw-start-ip and remote-gw-end-ip"});
            return;
        }
        const IpRange range = is_subnet
                                  ? entry_.gateway_match_subnet->range()
                                  : IpRange{*entry_.gateway_match_start, *entry_.gateway_match_end};
        if (range.first.family() != range.last.family() || range.last < range.first ||
            range.family() != entry_.ip_version)
            error("remote-gw-match", in_quotes(range.to_text()),
                  {"not a range of the family of ip-version", "give the lower address first"});
        entry_.remote_gateway_match = range;
    }

    /// V7: peertype one needs a peerid.
    void identities() {
        if (!entry_.local_id_text.empty() && entry_.is_sound("localid-type"))
            entry_.local_id = identity("localid", entry_.local_id_text, entry_.local_id_type);
        else if (entry_.local_id_type != IdentityType::automatic &&
                 entry_.local_id_type != IdentityType::address && entry_.is_sound("localid"))
            error("localid-type", {}, {"\"localid\" is missing", "add it"});
        if (entry_.peer_type != PeerType::one) return;
        if (entry_.peer_id_text.empty()) {
            if (entry_.is_sound("peerid"))
                error("peertype", "\"one\"",
                      {"\"peerid\" is missing, which peertype one needs", "add it"});
            return;
        }
        if (entry_.is_sound("peerid-type"))
            entry_.peer_id = identity("peerid", entry_.peer_id_text, entry_.peer_id_type);
    }

    std::optional<Identity> identity(std::string_view option, std::string_view text,
                                     IdentityType type) {
        auto parsed = parse_identity(text, type);
        if (parsed) return *std::move(parsed);
        error(option, in_quotes(text), std::move(parsed).error());
        return std::nullopt;
    }

    void keys() {
        entry_.psk = key("psksecret", entry_.psk_source);
        entry_.psk_remote = entry_.psk_remote_source.kind == SecretSource::Kind::none
                                ? entry_.psk
                                : key("psksecret-remote", entry_.psk_remote_source);
    }

    std::shared_ptr<const Secret> key(std::string_view option, const SecretSource& source) {
        if (source.kind == SecretSource::Kind::none) return nullptr;
        auto secret = read_pre_shared_key(source, secrets_);
        if (!secret) {
            error(option, "***", std::move(secret).error());
            return nullptr;
        }
        if (secret->size() < good_psk_octets)
            warn(option, "***",
                 {fmt::format("a pre-shared key of fewer than {} octets may be guessed",
                              good_psk_octets),
                  "use a longer random one at both ends"});
        return std::make_shared<const Secret>(*std::move(secret));
    }

    void behaviour() {
        passive_mode();
        if (entry_.reauth && !entry_.rekey)
            error("reauth", "true",
                  {fmt::format("reauth needs rekey, which {} turns off",
                               entry_.at("rekey").to_text()),
                   "remove one of them"});
        if (entry_.dpd_retry_interval > long_dpd_interval)
            warn("dpd-retryinterval", {},
                 {fmt::format("a dead peer is not noticed for more than {} s",
                              long_dpd_interval.count()),
                  "20 is the default"});
        if (entry_.idle_timeout)
            error("idle-timeout", "true",
                  {"FortiOS has idle-timeout, this version of xfrmd does not", "remove it"});
    }

    void passive_mode() {
        if (!entry_.passive) return;
        if (entry_.has("auto-negotiate") && entry_.auto_negotiate)  // V3
            error("auto-negotiate", "true",
                  {fmt::format("auto-negotiate of the phase 1 excludes passive-mode, which stands "
                               "at {}",
                               entry_.at("passive-mode").to_text()),
                   "remove one of them"});
        if (entry_.type == GatewayType::dynamic)  // V5
            error("passive-mode", "true",
                  {fmt::format("passive-mode is for static and ddns peers, and {} is dynamic, "
                               "which never initiates anyway",
                               entry_.at("type").to_text()),
                   "remove passive-mode"});
        entry_.auto_negotiate = false;
    }

    Phase1Entry& entry_;
    SecretReader& secrets_;
    Report& report_;
};

}  // namespace

void validate_phase1(Phase1Entry& entry, SecretReader& secrets, Report& report) {
    Phase1Validation(entry, secrets, report).run();
}

}  // namespace xfrmd::config
