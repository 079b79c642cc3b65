// What an engine is made of. Each part of its work has a file of its own: datagrams and time
// (engine.cpp), the kernel (engine_kernel.cpp).
#pragma once

#include <set>
#include <span>
#include <string>

#include "ike/doors.hpp"
#include "ike/engine.hpp"
#include "ike/engine_context.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/kernel_audit.hpp"
#include "ike/last_words.hpp"
#include "ike/offload_watch.hpp"
#include "ike/reconciler.hpp"
#include "ike/tunnel_setup.hpp"

namespace xfrmd::ike {

struct Engine::Parts {
    Parts(const crypto::Library& library, Random& random, EngineOptions options)
        : context(library, random, options) {
        context.sas = &sas;
    }

    EngineContext context;
    IkeSaTable sas;
    LastWords last_words;
    Doors doors{context};
    OffloadWatch offload{context, sas};
    KernelAudit audit{context, sas, offload};
    TunnelSetup setup{context};
    Reconciler reconciler{context, setup};
    std::shared_ptr<const config::Config> config;
    bool stopping = false;
    bool stop_grace_over = false;

    void on(DatagramReceived& datagram);
    void on(DeadlineReached);
    void on(KernelReply& reply);
    void on(const KernelTables& tables);
    void on(xfrm::Event& event);
    void on(InterfacesChanged& change);
    void on(RoutesChanged);
    void on(LeftBehind& left);
    void on(ConfigApplied& applied);
    void on(const NameResolved& answer);
    void on(const CommandUp& command);
    void on(const CommandDown& command);
    void on(const CommandRekey& command);
    void on(const CommandReadCounters& command);
    void on(const TransmitFailed& failure);
    void on(CommandStop);

    void on_unknown_spi(const DatagramReceived& datagram, const wire::Header& header, IkeSpi own);
    void on_call(DatagramReceived& datagram, const wire::Header& header);
    void on_timer(TimerKey key);
    void on_answer(const KernelPurpose& purpose, std::span<const PolicyStep> policies,
                   std::span<const xfrm::OperationResult> results);
    void on_links_up(const std::set<std::string>& devices);
    void on_child_timer(Timer timer, EspSpi spi_in);
    void expire_child(EspSpi spi_in);
    IkeSa* owner_of(EspSpi spi_in);
    void on_counters(IkeSa& sa, std::span<const xfrm::OperationResult> results);
    void on_initial_contacts();
    void on_reports();
    void settle(IkeSpi spi);
    void clear(Reason reason);
    void close_all(const Tunnel& tunnel, Reason reason);
    void drop(const DatagramReceived& datagram, const char* why);
};

}  // namespace xfrmd::ike
