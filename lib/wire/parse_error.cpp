#include "wire/parse_error.hpp"

namespace xfrmd::wire {

NotifyType ParseError::notify_type() const {
    switch (kind) {
        case Kind::invalid_syntax: return NotifyType::invalid_syntax;
        case Kind::unsupported_critical_payload: return NotifyType::unsupported_critical_payload;
        case Kind::invalid_major_version: return NotifyType::invalid_major_version;
    }
    return NotifyType::invalid_syntax;
}

std::string ParseError::to_text() const {
    std::string text = wire::to_text(notify_type()) + ": ";
    if (payload != PayloadType::none) text += wire::to_text(payload) + ": ";
    return text + what;
}

}  // namespace xfrmd::wire
