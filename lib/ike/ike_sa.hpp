// One IKE SA: its identity on the wire, its state, its message window and its Child SAs.
//
// It only routes: a datagram is judged (rules, window, integrity) and handed to the exchange that
// it belongs to, in exchanges/. The exchanges change the SA through the functions here.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "ike/child_sa.hpp"
#include "ike/engine_context.hpp"
#include "ike/ike_sa_states.hpp"
#include "ike/message_window.hpp"
#include "ike/tunnel.hpp"
#include "wire/header.hpp"
#include "wire/message.hpp"

namespace xfrmd::ike {

enum class Role : std::uint8_t { initiator, responder };

/// A wish that waits for the window: one request is outstanding at a time.
struct QueuedDelete {
    std::vector<EspSpi> children;  ///< our SPIs; empty: the IKE SA itself
    Reason reason{};
};

struct ChildRefusal;
struct InstallOutcome;

/// "No phase 2 is meant" where a place among the phase 2s is asked for.
inline constexpr std::size_t no_phase2 = static_cast<std::size_t>(-1);

struct IkeSa {
    /// DELETEs that may wait for the window: as many as an IKE SA may have children.
    static constexpr std::size_t max_queued_deletes = 64;

    IkeSa(Role role, IkeSpi spi_i, IkeSpi spi_r, Endpoint local, Endpoint remote, State state)
        : role(role),
          spi_i(spi_i),
          spi_r(spi_r),
          local(local),
          remote(remote),
          state(std::move(state)) {}

    const Role role;
    const IkeSpi spi_i;
    IkeSpi spi_r;
    Endpoint local;
    Endpoint remote;
    State state;
    /// The tunnel it serves. As responder it is only a guess until IDi is seen.
    std::shared_ptr<Tunnel> tunnel;
    crypto::IkeSuite suite;
    MessageWindow window;
    std::vector<ChildSa> children;
    std::vector<QueuedDelete> queued_deletes;
    std::optional<config::Identity> peer_identity;
    Instant began;           ///< when the negotiation started here
    Instant established_at;  ///< when both ends were authenticated

    IkeSpi own_spi() const { return role == Role::initiator ? spi_i : spi_r; }
    StateName state_name() const { return static_cast<StateName>(state.index()); }
    bool is_dead() const { return std::holds_alternative<Dead>(state); }
    bool is_established() const { return std::holds_alternative<Established>(state); }
    /// Negotiating: counts against the limit of half-open IKE SAs.
    bool is_half_open() const { return state_name() < StateName::established; }
    const config::Phase1& phase1() const { return *tunnel->phase1; }
    Session* session();
    ChildSa* find_child(EspSpi spi_in);

    // What happens to it.

    /// A datagram that names this SA; its octets may be decrypted in place.
    void receive(const wire::Header& header, DatagramReceived& datagram, EngineContext& context);
    void on_timer(Timer timer, EngineContext& context);
    /// The kernel's answer to the installation of a Child SA.
    void on_kernel_reply(EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                         EngineContext& context);

    // How it ends.

    /// Ends a negotiation: an event with the reason, nothing of it stays, nothing is sent.
    void fail(Reason reason, std::string message, EngineContext& context);
    /// Ends an established SA here and now: its Child SAs leave the kernel, nothing is sent.
    void remove(Reason reason, std::string message, EngineContext& context);
    /// The same, and the peer is told by DELETE as soon as the window allows.
    void close(Reason reason, EngineContext& context);
    /// Deletes a Child SA here, and tells the peer as soon as the window allows.
    void close_child(EspSpi spi_in, Reason reason, EngineContext& context);

    // For the exchanges.

    /// The one writer of `state` after birth: checks the transition and tells of it.
    void enter(State next, EngineContext& context);
    /// Sends a request and keeps it for retransmission.
    void send_request(Bytes octets, EngineContext& context);
    /// Sends another request in place of the outstanding one (IKE_SA_INIT only).
    void send_instead(Bytes octets, EngineContext& context);
    /// Sends a response and keeps it for duplicates of the request.
    void send_response(Bytes octets, EngineContext& context);
    /// Sends the next queued DELETE, if there is one and the window is free.
    void send_queued(EngineContext& context);
    /// Both ends are authenticated: timers, events.
    void on_established(EngineContext& context);
    void on_child_established(ChildSa& child, const InstallOutcome& outcome,
                              EngineContext& context);
    /// Tells why a phase 2 has no Child SA; `phase2` may be `no_phase2`.
    void emit_child_failure(std::size_t phase2, const ChildRefusal& refusal,
                            EngineContext& context) const;
    /// Takes a Child SA out of the kernel and forgets it.
    void drop_child(EspSpi spi_in, Reason reason, Inbound inbound, EngineContext& context);
    /// Forgets a Child SA that is not in the kernel, or whose inbound SA is retired.
    void forget_child(EspSpi spi_in, EngineContext& context);
    /// Tells a protocol analyser the keys, if that was asked for.
    void log_keys(EngineContext& context);
    /// A message came that we do not act on.
    void drop(const char* why, EngineContext& context) const;
    void drop(const char* why, const Endpoint& sender, EngineContext& context) const;

    /// An event with this SA's names and numbers filled in.
    Event event(EventKind kind, Severity severity, std::string message) const;

  private:
    void receive_request(const wire::Header& header, DatagramReceived& datagram,
                         EngineContext& context);
    void receive_response(const wire::Header& header, DatagramReceived& datagram,
                          EngineContext& context);
    void dispatch_request(const wire::Header& header, const wire::Payloads& payloads,
                          EngineContext& context);
    void on_broken_request(const wire::Header& header, const wire::ParseError& error,
                           EngineContext& context);
    void arm_retransmission(EngineContext& context);
    void on_retransmit_timer(EngineContext& context);
    void on_dead_peer(EngineContext& context);
    void queue_delete(QueuedDelete wish, EngineContext& context);
    void remove_children(Reason reason, EngineContext& context);
    void end(EngineContext& context);
};

/// "0123456789abcdef/fedcba9876543210", the initiator's first.
std::string to_text(IkeSpi spi_i, IkeSpi spi_r);

}  // namespace xfrmd::ike
