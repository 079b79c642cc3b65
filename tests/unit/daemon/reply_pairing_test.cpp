#include "daemon/reply_pairing.hpp"

#include <cerrno>

#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace xfrmd::test;

namespace {

// Recorded on Linux 6.18: answers to four GETSA with an empty attribute, sent in one datagram with
// the sequence numbers 7 to 10. The first three attributes are known (32 has another minimum
// length), 200 is not.
const Bytes answer_7 =
    "70000000 0200 0003 07000000 225f0000 eaffffff 2c000000 1200 0500 07000000 e8030000"
    "1d000100 696e76616c696420617474726962757465206c656e67746800 000000"
    "08000200 28000000 24000480 0c000400 0100000000000000 0c000500 0200000000000000"
    "08000100 02000000"_hex;
const Bytes answer_8 =
    "70000000 0200 0003 08000000 225f0000 eaffffff 2c000000 1200 0500 08000000 e8030000"
    "1d000100 696e76616c696420617474726962757465206c656e67746800 000000"
    "08000200 28000000 24000480 0c000400 0000000000000000 0c000500 ffffffff00000000"
    "08000100 04000000"_hex;
const Bytes answer_10 =
    "24000000 0200 0001 0a000000 225f0000 fdffffff 2c000000 1200 0500 0a000000 e8030000"_hex;

}  // namespace

TEST_CASE("reply pairing: answers find their requests by number, in any order") {
    ReplyPairing pairing(7, 2);
    pairing.take(xfrm::decode_replies(answer_8));
    CHECK_FALSE(pairing.complete());
    CHECK_FALSE(pairing.slots()[0].answered);
    CHECK(pairing.slots()[1].answered);
    pairing.take(xfrm::decode_replies(answer_7));
    CHECK(pairing.complete());
    CHECK(pairing.slots()[0].result.error == EINVAL);
    CHECK(pairing.slots()[0].result.message == "invalid attribute length");
}

TEST_CASE("reply pairing: several answers in one datagram are all taken") {
    Bytes both = answer_7;
    both.insert(both.end(), answer_8.begin(), answer_8.end());
    ReplyPairing pairing(7, 2);
    pairing.take(xfrm::decode_replies(both));
    CHECK(pairing.complete());
}

TEST_CASE("reply pairing: answers to an earlier batch and repeated ones change nothing") {
    ReplyPairing pairing(9, 2);
    pairing.take(xfrm::decode_replies(answer_7));
    pairing.take(xfrm::decode_replies(answer_10));
    pairing.take(xfrm::decode_replies(answer_10));
    CHECK_FALSE(pairing.complete());
    CHECK(pairing.slots()[1].result.error == ESRCH);
    CHECK_FALSE(pairing.slots()[0].answered);
}
