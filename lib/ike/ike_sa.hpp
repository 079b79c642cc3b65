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
#include "ike/fragmentation.hpp"
#include "ike/ike_sa_states.hpp"
#include "ike/message_window.hpp"
#include "ike/path.hpp"
#include "ike/peer_limits.hpp"
#include "ike/reassembly.hpp"
#include "ike/tunnel.hpp"
#include "ike/wish.hpp"
#include "wire/header.hpp"
#include "wire/message.hpp"

namespace xfrmd::ike {

enum class Role : std::uint8_t { initiator, responder };

struct ChildRefusal;
struct InstallOutcome;

/// "No phase 2 is meant" where a place among the phase 2s is asked for.
inline constexpr std::size_t no_phase2 = static_cast<std::size_t>(-1);

struct IkeSa {
    IkeSa(Role role, IkeSpi spi_i, IkeSpi spi_r, Endpoint local, Endpoint remote, State state)
        : role(role),
          spi_i(spi_i),
          spi_r(spi_r),
          local(local),
          remote(remote),
          answer_path{local, remote},
          state(std::move(state)) {}

    const Role role;
    const IkeSpi spi_i;
    IkeSpi spi_r;
    Endpoint local;
    Endpoint remote;
    /// Where the peer's last request came along: its answer goes back there (RFC 7296
    /// section 2.11).
    Path answer_path;
    NatFinding nat;
    State state;
    /// The tunnel it serves. As responder it is only a guess until IDi is seen.
    std::shared_ptr<Tunnel> tunnel;
    crypto::IkeSuite suite;
    MessageWindow window;
    Fragmentation fragmentation;
    /// What has come of a request, and of a response, that is not there as a whole; null: nothing.
    std::unique_ptr<Reassembly> request_fragments;
    std::unique_ptr<Reassembly> response_fragments;
    std::vector<ChildSa> children;
    /// Our SPIs of Child SAs that are gone here, until the peer has answered that it knows.
    std::vector<EspSpi> retiring;
    WishList wishes;  ///< what waits for the window
    PeerUse use;      ///< what the peer has cost us
    std::optional<config::Identity> peer_identity;
    IpAddress first_address;     ///< the peer's, when it proved its identity
    IkeSpi predecessor{};        ///< our SPI of the IKE SA it is the successor of; 0: none
    Instant began;               ///< when the negotiation started here
    Instant established_at;      ///< when both ends were authenticated, or it took over
    Instant last_inbound;        ///< when the peer was last heard: an authentic message, or ESP
    Instant last_outbound;       ///< when ESP was last sent, at the latest
    Instant outbound_after;      ///< and at the earliest: the reading before
    Instant last_sent;           ///< when IKE or a NAT keepalive was last sent
    Instant next_move;           ///< before this the peer is not followed elsewhere
    Instant counters_read;       ///< when the kernel's counters were last read
    bool takes_no_more = false;  ///< the peer refuses further SAs under it, or another replaces it
    /// Why it ends: whatever says nothing else has made room for a successor, or was one in vain.
    Ending ending{Reason::rekeyed, "a successor took over"};

    IkeSpi own_spi() const { return role == Role::initiator ? spi_i : spi_r; }
    StateName state_name() const { return static_cast<StateName>(state.index()); }
    bool is_dead() const { return std::holds_alternative<Dead>(state); }
    bool is_established() const { return std::holds_alternative<Established>(state); }
    /// It ends as soon as the window allows; nothing new is begun in it.
    bool is_closing() const { return wishes.contains(DeleteIkeSa{}); }
    /// Negotiating: counts against the limit of half-open IKE SAs.
    bool is_half_open() const { return state_name() < StateName::established; }
    /// Somebody called, and sent nothing that is authentic: IKE_SA_INIT is all we have answered.
    bool is_stranger() const {
        return role == Role::responder && window.has_answered(MessageId(0));
    }
    const config::Phase1& phase1() const { return *tunnel->phase1; }
    Path path() const { return {local, remote}; }
    Session* session();
    /// What the outstanding request is about; null unless it is of type T.
    template <class T>
    T* pending() {
        auto* established = std::get_if<Established>(&state);
        return established != nullptr ? std::get_if<T>(&established->pending) : nullptr;
    }
    ChildSa* find_child(EspSpi spi_in);
    /// By the peer's SPI.
    ChildSa* find_child_of_peer(EspSpi spi_out);
    /// False for a successor that the peer has asked for and may not have yet: it deletes the
    /// predecessor when it has.
    bool is_confirmed(const ChildSa& child) const;
    /// True if a Child SA of the phase 2 is there, or being made, that has no successor.
    bool serves(std::size_t phase2) const;
    /// True if one is asked for, or is going to be.
    bool is_asking_for(std::size_t phase2) const;

    // What happens to it.

    /// A datagram that names this SA; its octets may be decrypted in place.
    void receive(const wire::Header& header, DatagramReceived& datagram, EngineContext& context);
    void on_timer(Timer timer, EngineContext& context);
    /// The kernel's answer to the installation of a Child SA.
    void on_kernel_reply(EspSpi spi_in, std::span<const xfrm::OperationResult> results,
                         EngineContext& context);

    // What it is asked to do.

    /// Asks the peer for something as soon as the window allows. Nothing comes of it if the SA is
    /// not established then.
    void ask(Wish wish, EngineContext& context);
    /// Sends the outstanding request once more, out of its turn; its schedule stays.
    void repeat_request(EngineContext& context);
    /// Sends the most urgent wish, if the window is free.
    void send_next(EngineContext& context);

    // How it ends.

    /// Ends a negotiation: an event with the reason, nothing of it stays, nothing is sent.
    void fail(Reason reason, std::string message, EngineContext& context);
    /// Ends an established SA here and now: its Child SAs leave the kernel, nothing is sent.
    void remove(Reason reason, std::string message, EngineContext& context);
    /// The same, and the peer is told by DELETE as soon as the window allows.
    void close(Reason reason, EngineContext& context);
    /// Deletes a Child SA here, and tells the peer as soon as the window allows.
    void close_child(EspSpi spi_in, Reason reason, EngineContext& context);
    /// The same for one that has a successor: nothing of the traffic is lost.
    void retire_child(EspSpi spi_in, EngineContext& context);

    // For the exchanges.

    /// The one writer of `state` after birth: checks the transition and tells of it.
    void enter(State next, EngineContext& context);
    /// Sends a request and keeps it for retransmission.
    void send_request(Datagrams message, EngineContext& context);
    /// The outstanding request's peer is dead when this long after its first transmission.
    void wait_no_longer_than(Duration patience, EngineContext& context);
    /// Sends another request in place of the outstanding one (IKE_SA_INIT only).
    void send_instead(Datagrams message, EngineContext& context);
    /// Sends a response and keeps it for duplicates of the request.
    void send_response(Datagrams message, EngineContext& context);
    /// Both ends are authenticated: timers, events.
    void on_established(EngineContext& context);
    void on_child_established(ChildSa& child, const InstallOutcome& outcome,
                              EngineContext& context);
    /// An attempt of ours to get a Child SA has ended without one.
    void on_child_failed(std::size_t phase2, const ChildRefusal& refusal, EngineContext& context);
    /// Tells why a phase 2 has no Child SA; `phase2` may be `no_phase2`.
    void emit_child_failure(std::size_t phase2, const ChildRefusal& refusal,
                            EngineContext& context) const;
    /// Takes a Child SA out of the kernel and forgets it. Packets that are on their way to one with
    /// a successor are still received for a while.
    void drop_child(EspSpi spi_in, Reason reason, EngineContext& context);
    /// The peer has answered a DELETE: it sends nothing to these Child SAs any more.
    void on_children_deleted(std::span<const ChildSpis> gone, EngineContext& context);
    /// Gives all Child SAs, and the wishes for more, to a successor.
    void hand_over(IkeSa& successor, EngineContext& context);
    /// Forgets a Child SA that is not in the kernel, or whose inbound SA is retired.
    void forget_child(EspSpi spi_in, EngineContext& context);
    /// Tells a protocol analyser the keys, if that was asked for.
    void log_keys(EngineContext& context);
    /// A message came that we do not act on.
    void drop(const char* why, EngineContext& context) const;
    void drop(const char* why, const Endpoint& sender, EngineContext& context) const;

    /// The link of the chain that it works on; established: the last one.
    Link reached() const;
    bool is_unproved() const;  ///< a caller that has not proved who it is
    /// An event with this SA's names and numbers filled in.
    Event event(EventKind kind, Severity severity, std::string message) const;

  private:
    void receive_request(const wire::Header& header, DatagramReceived& datagram,
                         EngineContext& context);
    void receive_response(const wire::Header& header, DatagramReceived& datagram,
                          EngineContext& context);
    void receive_stray_request(const wire::Header& header, DatagramReceived& datagram,
                               EngineContext& context);
    void repeat_response(const DatagramReceived& request, EngineContext& context);
    void dispatch_response(const wire::Header& header, const wire::Payloads& payloads,
                           EngineContext& context);
    void dispatch_request(const wire::Header& header, wire::Payloads& payloads,
                          EngineContext& context);
    void on_broken_request(const wire::Header& header, const wire::ParseError& error,
                           EngineContext& context);
    void transmit(const Path& along, Datagrams message, EngineContext& context);
    void arm_retransmission(EngineContext& context);
    void on_retransmit_timer(EngineContext& context);
    void on_dead_peer(EngineContext& context);
    void send_wish(const Wish& wish, EngineContext& context);
    void remove_children(Reason reason, EngineContext& context);
    void give_back_spi(EngineContext& context);
    void end(EngineContext& context);
};

/// "0123456789abcdef/fedcba9876543210", the initiator's first.
std::string to_text(IkeSpi spi_i, IkeSpi spi_r);

}  // namespace xfrmd::ike
