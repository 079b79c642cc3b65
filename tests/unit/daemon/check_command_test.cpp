// The installed program itself: what an administrator reads, and the exit code that scripts see.
#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

#include "daemon/exit_code.hpp"
#include "support/catch.hpp"
#include "temporary_directory.hpp"

using namespace xfrmd::daemon;
using xfrmd::test::TemporaryDirectory;

namespace {

struct Run {
    std::string output;  ///< both streams
    int code = -1;
};

Run run_xfrmd(const std::string& arguments) {
    FILE* pipe = popen((XFRMD_BINARY " " + arguments + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    Run run;
    std::array<char, 4096> piece{};
    while (const std::size_t size = fread(piece.data(), 1, piece.size(), pipe))
        run.output.append(piece.data(), size);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) run.code = WEXITSTATUS(status);
    return run;
}

/// One option a line: those of the phase 1 from line 3 on, those of the phase 2 from line 9 on.
std::string tunnel(std::string_view phase1, std::string_view phase2) {
    return fmt::format(R"({{
"phase1-interface": {{ "hub": {{
  {},
  "interface": "eth0",
  "proposal": ["aes256-sha256"],
  "psksecret": "0123456789abcdef0123"
}} }},
"phase2-interface": {{ "net": {{
  {},
  "phase1name": "hub",
  "proposal": ["aes128gcm"]
}} }}
}}
)",
                       phase1, phase2);
}

constexpr const char* gateway = R"("remote-gw": "192.0.2.1")";

}  // namespace

TEST_CASE("V1 V3 V4 V5 xfrmd --check: file, line, pointer, and where the other setting stands") {
    struct Row {
        std::string phase1, phase2;
        const char* line;   ///< of the problem, behind the file's name
        const char* other;  ///< the second setting; its file and line follow
        int line_of_other;
    };
    const std::string passive = fmt::format("{}, \"passive-mode\": true", gateway);
    const char* nothing = R"("comments": "")";
    const char* automatic = R"("auto-negotiate": true)";
    const std::array rows{
        Row{passive, automatic, ":9: /phase2-interface/net/auto-negotiate: true: ",
            "/phase1-interface/hub/passive-mode", 3},
        Row{passive, R"("keepalive": true)",
            ":9: /phase2-interface/net/keepalive: true: ", "/phase1-interface/hub/passive-mode", 3},
        Row{passive + ",\n" + automatic, nothing,
            ":4: /phase1-interface/hub/auto-negotiate: true: ",
            "/phase1-interface/hub/passive-mode", 3},
        Row{R"("type": "dynamic")", automatic,
            ":9: /phase2-interface/net/auto-negotiate: true: ", "/phase1-interface/hub/type", 3},
        Row{"\"passive-mode\": true,\n\"type\": \"dynamic\"", nothing,
            ":3: /phase1-interface/hub/passive-mode: true: ", "/phase1-interface/hub/type", 4},
    };
    const TemporaryDirectory directory;
    for (const Row& row : rows) {
        const std::string file = directory.write("xfrmd.json", tunnel(row.phase1, row.phase2));
        const Run run = run_xfrmd("--check " + file);
        INFO(run.output);
        CHECK(run.code == static_cast<int>(ExitCode::configuration));
        CHECK(run.output.starts_with(file + row.line));
        CHECK(run.output.contains(fmt::format("{} ({}:{})", row.other, file, row.line_of_other)));
    }
}

TEST_CASE("V9 xfrmd --check: a warning is told and does not fail") {
    const TemporaryDirectory directory;
    const std::string file =
        directory.write("xfrmd.json", tunnel(gateway, R"("keylifeseconds": 86400)"));
    const Run run = run_xfrmd("--check " + file);
    INFO(run.output);
    CHECK(run.code == 0);
    CHECK(run.output.starts_with(file +
                                 ":9: warning: /phase2-interface/net/keylifeseconds: 86400: "));
}

TEST_CASE("xfrmd --check: says nothing about a file that is right") {
    const TemporaryDirectory directory;
    const std::string file =
        directory.write("xfrmd.json", tunnel(gateway, R"("auto-negotiate": true)"));
    const Run run = run_xfrmd("--check " + file);
    CHECK(run.output.empty());
    CHECK(run.code == 0);
    CHECK(run_xfrmd("--show-full " + file).output.contains(R"("keepalive": true)"));
}
