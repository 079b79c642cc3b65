#include "daemon/lost_answer.hpp"

#include <cerrno>

namespace xfrmd::daemon {
namespace {

using namespace xfrm;

struct Verification {
    using Result = std::optional<Operation>;

    Result operator()(const InstallSa& sa) const {
        return QuerySa{.source = sa.source, .destination = sa.destination, .spi = sa.spi};
    }
    Result operator()(const UpdatePorts& update) const { return operator()(update.sa); }
    Result operator()(const DeleteSa& sa) const {
        return QuerySa{.source = sa.source, .destination = sa.destination, .spi = sa.spi};
    }
    Result operator()(const AllocateSpi& sa) const {
        return QuerySa{.source = sa.source, .destination = sa.destination, .spi = sa.spi};
    }
    Result operator()(const QuerySa& query) const { return query; }
    Result operator()(const InstallPolicy& policy) const {
        return QueryPolicy{
            .direction = policy.direction, .selector = policy.selector, .if_id = policy.if_id};
    }
    Result operator()(const DeletePolicy& policy) const {
        return QueryPolicy{
            .direction = policy.direction, .selector = policy.selector, .if_id = policy.if_id};
    }
    Result operator()(const QueryPolicy& query) const { return query; }
    Result operator()(const CreateInterface&) const { return std::nullopt; }
    Result operator()(const DeleteInterface&) const { return std::nullopt; }
    Result operator()(const QueryRoute&) const { return std::nullopt; }
};

struct MakesObject {
    bool operator()(const InstallSa&) const { return true; }
    bool operator()(const UpdatePorts&) const { return true; }
    bool operator()(const AllocateSpi&) const { return true; }
    bool operator()(const InstallPolicy&) const { return true; }
    bool operator()(const CreateInterface&) const { return true; }
    bool operator()(const QuerySa&) const { return true; }
    bool operator()(const QueryPolicy&) const { return true; }
    bool operator()(const QueryRoute&) const { return true; }
    bool operator()(const DeleteSa&) const { return false; }
    bool operator()(const DeletePolicy&) const { return false; }
    bool operator()(const DeleteInterface&) const { return false; }
};

}  // namespace

std::optional<Operation> verification(const Operation& operation) {
    return std::visit(Verification{}, operation);
}

bool makes_object(const Operation& operation) {
    return std::visit(MakesObject{}, operation);
}

OperationResult judge(const Operation& operation, bool exists) {
    OperationResult result;
    if (exists == makes_object(operation)) return result;
    result.error = ENOBUFS;
    result.message = "the acknowledgement got lost and the operation did not take place";
    return result;
}

}  // namespace xfrmd::daemon
