#include "daemon/journal_entry.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

ike::Event full_event() {
    ike::Event event;
    event.kind = ike::EventKind::child_sa_failed;
    event.severity = ike::Severity::warning;
    event.message = "the kernel refused the SA";
    event.phase1 = "to-hq";
    event.phase2 = "lan";
    event.peer = Endpoint{IpAddress::from_text("2001:db8::1").value(), 4500};
    event.spi_i = IkeSpi(0x1);
    event.spi_r = IkeSpi(0x0123456789abcdef);
    event.esp_spi_in = EspSpi(0xc0000001);
    event.esp_spi_out = EspSpi(0x100);
    event.reason = ike::Reason::kernel_refused;
    return event;
}

std::string value(const JournalEntry& entry, std::string_view name) {
    for (const auto& [key, text] : entry.fields)
        if (key == name) return text;
    return "absent";
}

}  // namespace

TEST_CASE("journal entry: an event's facts become fields of fixed form") {
    const JournalEntry entry = to_entry(full_event());
    CHECK(value(entry, "XFRMD_PHASE1") == "to-hq");
    CHECK(value(entry, "XFRMD_PHASE2") == "lan");
    CHECK(value(entry, "XFRMD_PEER") == "[2001:db8::1]:4500");
    CHECK(value(entry, "XFRMD_IKE_SPI_I") == "0000000000000001");
    CHECK(value(entry, "XFRMD_IKE_SPI_R") == "0123456789abcdef");
    CHECK(value(entry, "XFRMD_ESP_SPI_IN") == "c0000001");
    CHECK(value(entry, "XFRMD_ESP_SPI_OUT") == "00000100");
    CHECK(value(entry, "XFRMD_REASON") == ike::code(ike::Reason::kernel_refused));
}

TEST_CASE("journal entry: what is not known is left out") {
    ike::Event event;
    event.message = "hello";
    CHECK(to_entry(event).fields.empty());
    CHECK(to_entry(Notice{.kind = NoticeKind::started, .message = "hello"}).fields.empty());
}

TEST_CASE("journal entry: journald gets one NAME=value line a field") {
    const std::string datagram = to_journal_datagram(to_entry(full_event()));
    CHECK(datagram.starts_with("MESSAGE=the kernel refused the SA"));
    CHECK(datagram.find("\nMESSAGE_ID=") != std::string::npos);
    CHECK(datagram.find("\nPRIORITY=4\nSYSLOG_IDENTIFIER=xfrmd\n") != std::string::npos);
    CHECK(datagram.find("\nXFRMD_PHASE1=to-hq\n") != std::string::npos);
    CHECK(datagram.ends_with("\n"));
}

TEST_CASE("journal entry: a refusal says what to look at, in the message itself") {
    ike::Event event = full_event();
    event.kind = ike::EventKind::child_sa_failed;
    CHECK(to_entry(event).message ==
          std::string("the kernel refused the SA; ") + ike::advice(*event.reason));
}

TEST_CASE("journal entry: a peer's words cannot forge a field") {
    ike::Event event;
    event.message = "peer says \"x\nPRIORITY=0\"";
    const std::string datagram = to_journal_datagram(to_entry(event));
    CHECK(datagram.find("\nPRIORITY=0") == std::string::npos);
    CHECK(datagram.find("x\\x0aPRIORITY=0") != std::string::npos);
}

TEST_CASE("journal entry: a terminal gets one line with severity and phase 1") {
    ike::Event event = full_event();
    event.kind = ike::EventKind::ike_sa_deleted;
    CHECK(to_terminal_line(to_entry(event)) ==
          "warning: to-hq: the kernel refused the SA [kernel-refused]\n");
    CHECK(to_terminal_line(to_entry(Notice{.kind = NoticeKind::started, .message = "up"})) ==
          "up\n");
    const Notice problem{.kind = NoticeKind::configuration_problem,
                         .severity = ike::Severity::warning,
                         .message = "a.json:3: warning: short key"};
    CHECK(to_terminal_line(to_entry(problem)) == "a.json:3: warning: short key\n");
}

TEST_CASE("escape_controls: control characters and broken UTF-8 become visible") {
    CHECK(escape_controls("a\x1b[31mb\r\n\t\x7f") == "a\\x1b[31mb\\x0d\\x0a\\x09\\x7f");
    CHECK(escape_controls("Zürich €") == "Zürich €");
    CHECK(escape_controls("\xc3") == "\\xc3");
    CHECK(escape_controls("\xff\xfe") == "\\xff\\xfe");
    CHECK(escape_controls("\xc0\xaf") == "\\xc0\\xaf");           // overlong
    CHECK(escape_controls("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // surrogate
    CHECK(escape_controls("\xc2\x9b") == "\\xc2\\x9b");           // CSI of C1
}

TEST_CASE("escape_controls: endless text is cut") {
    const std::string cut = escape_controls(std::string(100000, 'a'));
    CHECK(cut.size() < 2100);
    CHECK(cut.ends_with("..."));
}
