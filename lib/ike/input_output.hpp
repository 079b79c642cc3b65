// The engine's whole contact with the world: what goes in, what comes out.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ip_address.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "ike/event.hpp"
#include "xfrm/event.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

/// "Now", read once for each wake-up by whoever drives the engine.
struct Now {
    Instant boottime;
    WallTime wall;
};

// ---- Inputs ------------------------------------------------------------------------------------

/// A UDP datagram on port 500 or 4500; the non-ESP marker of port 4500 is already off
/// (RFC 7296 section 3.1). The engine may decrypt in place.
struct DatagramReceived {
    Endpoint local;
    Endpoint remote;
    Bytes octets;
};

/// The time that next_deadline() named has come. Too early or once too often does no harm.
struct DeadlineReached {};

/// One result for each operation of the request, in order.
struct KernelReply {
    Ticket ticket;
    std::vector<xfrm::OperationResult> results;
};

/// The answer to ReadKernel: all ESP SAs and all policies of the network namespace, anybody's.
struct KernelTables {
    bool complete = false;  ///< false: the kernel could not be read, and nothing is known
    std::vector<xfrm::SaStatus> sas{};
    std::vector<xfrm::PolicyStatus> policies{};
};

/// An XFRM interface with the id that binds SAs and policies to it.
struct XfrmDevice {
    std::string name;
    IfId if_id;
    std::uint32_t underlay_index = 0;
};

/// What a predecessor of ours that ended without a word has left in the kernel, before the first
/// configuration. Its policies block by now, and its SAs are gone. What the configuration wants is
/// taken over, so that there is no moment without it; the rest is deleted.
struct LeftBehind {
    std::vector<xfrm::PolicyStatus> policies;
    std::vector<XfrmDevice> devices;
};

/// A network device with its addresses in the kernel's order.
struct Interface {
    std::string name;
    std::uint32_t index = 0;
    std::uint32_t mtu = 0;
    bool up = false;
    std::vector<IpAddress> addresses;
    bool esp_offload = false;  ///< it announces that it can do ESP; how much, only a trial tells
    /// How often it was seen to go down: the kernel then deletes what it had of IPsec, and it may
    /// be up again before anybody looks.
    std::uint32_t times_down = 0;
};

/// All devices, whenever one of them changed.
struct InterfacesChanged {
    std::vector<Interface> interfaces;
};

/// What a network device took when it was tried with a throw-away SA.
struct OffloadTake {
    std::string device;  ///< its name
    config::EspProposal suite;
    xfrm::OffloadMode most = xfrm::OffloadMode::none;  ///< more than none: read back, not promised
};

/// Routes of this machine changed: packets may take another way.
struct RoutesChanged {};

/// A whole configuration takes the place of the one before; what runs is changed where the two
/// differ, and nowhere else. config::diff() tells beforehand what that will cost.
struct ConfigApplied {
    std::shared_ptr<const config::Config> config;
    /// ESP algorithms that the kernel refused when probed; they are not offered.
    std::vector<config::EspProposal> kernel_lacks;
    /// What devices were seen to take over, for "offload-prefer-suites"; what is not named was
    /// refused or never tried.
    std::vector<OffloadTake> offload_takes{};
};

/// The answer to ResolveName, with its `tunnel` and `name`. Dropped if that tunnel has ended or has
/// asked for another name since.
struct NameResolved {
    std::uint64_t tunnel = 0;
    std::string name;
    std::vector<IpAddress> addresses{};  ///< of the asked family, in the resolver's order
    std::string error{};  ///< why there is no address; empty if and only if there is one
};

/// An operator's wish: establish a phase 2 now (all of a phase 1 if `phase2` is empty).
struct CommandUp {
    std::string phase1;
    std::string phase2;
};

/// Delete the IKE SA of a phase 1 and all that hangs on it.
struct CommandDown {
    std::string phase1;
};

/// New keys now, without a gap: for the Child SAs of a phase 2, or for the IKE SA if `phase2` is
/// empty. Gateways that never initiate leave it to their peers.
struct CommandRekey {
    std::string phase1;
    std::string phase2;
};

/// Read what the kernel holds of a phase 1's Child SAs and has counted on them. Who asks more often
/// than once in a second gets the last answer again.
struct CommandReadCounters {
    std::string phase1;
};

/// A datagram could not be sent. It is sent again like one that the network loses; this is for
/// those who want to know why nothing comes back.
struct TransmitFailed {
    Endpoint local;
    Endpoint remote;
    int error = 0;  ///< an errno
};

/// The daemon ends: delete everything, tell the peers, take every trace out of the kernel.
/// `Engine::stopped()` turns true when that is done or has taken too long.
struct CommandStop {};

using Input = std::variant<DatagramReceived, DeadlineReached, KernelReply, KernelTables,
                           xfrm::Event, InterfacesChanged, RoutesChanged, NameResolved, LeftBehind,
                           ConfigApplied, CommandUp, CommandDown, CommandRekey, CommandReadCounters,
                           TransmitFailed, CommandStop>;

// ---- Outputs -----------------------------------------------------------------------------------

/// Send from `local`; on port 4500 the sender puts the non-ESP marker in front.
struct Transmit {
    Endpoint local;
    Endpoint remote;
    Bytes octets;
};

/// Send one octet of 0xff, without a marker: it keeps the mapping of a NAT on our side alive, and
/// the peer drops it (RFC 3948 section 2.3). Only on port 4500.
struct NatKeepalive {
    Endpoint local;
    Endpoint remote;
};

/// Operations to run in order, in one send; answered by one KernelReply.
struct KernelRequest {
    Ticket ticket;
    std::vector<xfrm::Operation> operations;
};

/// Read all SAs and policies, after what was asked of the kernel before; answered by one
/// KernelTables, after the answers to that.
struct ReadKernel {};

/// Look up the peer of a tunnel of type ddns; answered by one NameResolved, in a bounded time.
/// A tunnel has one question open at most: a new one takes the place of the one before.
struct ResolveName {
    std::uint64_t tunnel = 0;  ///< Tunnel::number
    std::string name;
    IpFamily family{};
};

/// Key material of an IKE SA for a protocol analyser; emitted only if the engine was told to.
struct KeyLog {
    IkeSpi spi_i, spi_r;
    crypto::IkeSuite suite;
    Secret sk_ei, sk_er, sk_ai, sk_ar;
};

using Output =
    std::variant<Transmit, NatKeepalive, KernelRequest, ReadKernel, Event, ResolveName, KeyLog>;

}  // namespace xfrmd::ike
