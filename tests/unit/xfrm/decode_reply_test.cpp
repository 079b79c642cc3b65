#include "xfrm/decode_reply.hpp"

#include <cerrno>

#include "samples.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "xfrm/encode_policy.hpp"
#include "xfrm/encode_sa.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

namespace {

/// -EINVAL with a text and an offset, capped to the request's header.
const std::string refused =
    "40000000 0200 0003 07000000 08000000"
    "eaffffff 5c000000 1000 0500 07000000 08000000"
    "0c00 0100 4e6f206b65792100"  // "No key!"
    "0800 0200 28000000"
    "0800 0600 00000000";
const std::string accepted =
    "24000000 0200 0001 07000000 08000000"
    "00000000 5c000000 1000 0500 07000000 08000000";

Acknowledged only_answer(const std::string& hex) {
    const Replies out = decode_replies(hex_octets(hex));
    CHECK_FALSE(out.malformed);
    REQUIRE(out.replies.size() == 1);
    CHECK(out.replies[0].sequence == 7);
    CHECK(out.replies[0].port_id == 8);
    return std::get<Acknowledged>(out.replies[0].content);
}

Bytes as_answer(const WipedBytes& message, std::uint16_t type) {
    Bytes octets = to_bytes(message);
    std::memcpy(&octets[4], &type, sizeof type);
    return octets;
}

}  // namespace

TEST_CASE("decode_reply: an acknowledgement") {
    const Acknowledged answer = only_answer(accepted);
    CHECK(answer.error == 0);
    CHECK(answer.message.empty());
    CHECK_FALSE(answer.offset);
}

TEST_CASE("decode_reply: a refusal with the kernel's words") {
    const Acknowledged answer = only_answer(refused);
    CHECK(answer.error == EINVAL);
    CHECK(answer.message == "No key!");
    CHECK(answer.offset == 0x28);
}

TEST_CASE("decode_reply: a success can carry a warning") {
    const Acknowledged answer = only_answer(
        "30000000 0200 0003 07000000 08000000"
        "00000000 5c000000 1000 0500 07000000 08000000"
        "0900 0100 536f736f00 000000");
    CHECK(answer.error == 0);
    CHECK(answer.message == "Soso");
}

TEST_CASE("decode_reply: without capping the echoed request lies before the kernel's words") {
    const Acknowledged answer = only_answer(
        "38000000 0200 0002 07000000 08000000"
        "fdffffff 16000000 1000 0500 07000000 08000000"
        "0c0001004e6f 0000"  // what was sent, which looks like an attribute, and its padding
        "0900 0100 536f736f00 000000");
    CHECK(answer.error == ESRCH);
    CHECK(answer.message == "Soso");
}

TEST_CASE("decode_reply: the kernel's words are cut at their end and made printable") {
    const Acknowledged answer = only_answer(
        "30000000 0200 0003 07000000 08000000"
        "00000000 5c000000 1000 0500 07000000 08000000"
        "0a00 0100 411b0aff00 42 0000");
    CHECK(answer.message == "A???");
}

TEST_CASE("decode_reply: an error that is no negative errno is still an error") {
    for (std::string_view error : {"01000000", "00000080", "00f0ffff"}) {
        const Acknowledged answer =
            only_answer("24000000 0200 0001 07000000 08000000" + std::string(error) +
                        "5c000000 1000 0500 07000000 08000000");
        CHECK(answer.error == EPROTO);
    }
}

TEST_CASE("decode_reply: a query's answer is a status and an acknowledgement") {
    const Bytes status = as_answer(encode(gcm_sa(), Features{}, {7, 8}), uapi::message::newsa);
    Bytes buffer = status;
    const Bytes end = hex_octets(accepted);
    buffer.insert(buffer.end(), end.begin(), end.end());
    Replies out = decode_replies(buffer);
    REQUIRE(out.replies.size() == 2);
    OperationResult result;
    CHECK_FALSE(absorb(std::move(out.replies[0]), result));
    CHECK(absorb(std::move(out.replies[1]), result));
    CHECK(result.ok());
    CHECK(std::get<SaStatus>(result.status).spi == EspSpi(0xc1234567));
}

TEST_CASE("decode_reply: a policy's status, and an end of a dump") {
    Bytes buffer = as_answer(encode(out_policy(), {7, 8}), uapi::message::newpolicy);
    const Bytes end = "14000000 0300 0200 07000000 08000000 00000000"_hex;
    buffer.insert(buffer.end(), end.begin(), end.end());
    Replies out = decode_replies(buffer);
    REQUIRE(out.replies.size() == 2);
    CHECK(std::get<DumpEnd>(out.replies[1].content).error == 0);
    OperationResult result;
    CHECK_FALSE(absorb(std::move(out.replies[0]), result));
    CHECK(std::get<PolicyStatus>(result.status).index == PolicyIndex(0x58000019));
}

TEST_CASE("decode_reply: a dump that broke off says why") {
    const Replies out = decode_replies("14000000 0300 0200 07000000 08000000 fcffffff"_hex);
    CHECK(std::get<DumpEnd>(out.replies.at(0).content).error == EINTR);
}

TEST_CASE("decode_reply: foreign objects are told, other messages passed over") {
    Bytes foreign = to_bytes(encode(gcm_sa(), Features{}, {7, 8}));
    foreign[16 + 76] = 51;
    const Replies out = decode_replies(foreign);
    REQUIRE(out.replies.size() == 1);
    CHECK(std::holds_alternative<Foreign>(out.replies[0].content));
    CHECK(decode_replies("10000000 0100 0000 07000000 08000000"_hex).replies.empty());
    CHECK(decode_replies({}).replies.empty());
}

TEST_CASE("decode_reply: every truncation is safe and told") {
    const std::vector<Bytes> messages{
        hex_octets(refused), hex_octets(accepted),
        as_answer(encode(gcm_sa(), Features{}, {7, 8}), uapi::message::newsa),
        as_answer(encode(out_policy(), {7, 8}), uapi::message::newpolicy)};
    for (const Bytes& whole : messages) {
        for (std::size_t size = 1; size < whole.size(); ++size) {
            Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            const Replies out = decode_replies(cut);
            CHECK(out.malformed);
            CHECK(out.replies.empty());
            if (size < 16) continue;
            // The same with a header that claims the shorter length.
            const auto length = static_cast<std::uint32_t>(size);
            std::memcpy(cut.data(), &length, sizeof length);
            const Replies shorter = decode_replies(cut);
            CHECK(shorter.replies.size() + (shorter.malformed ? 1 : 0) == 1);
        }
    }
}
