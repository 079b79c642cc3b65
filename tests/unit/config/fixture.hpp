// What the tests of the configuration share: secrets from nowhere, and texts to start from.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "config/settings.hpp"
#include "support/catch.hpp"

namespace xfrmd::config::test {

class FakeSecrets final : public SecretReader {
  public:
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> credentials;

    std::expected<Secret, std::string> read_file(const std::string& path) override {
        return find(files, path);
    }
    std::expected<Secret, std::string> read_credential(const std::string& name) override {
        return find(credentials, name);
    }

  private:
    static std::expected<Secret, std::string> find(const std::map<std::string, std::string>& in,
                                                   const std::string& name) {
        const auto found = in.find(name);
        if (found == in.end()) return std::unexpected("No such file or directory");
        return Secret(as_bytes(found->second));
    }
};

inline Loaded load_text(std::string_view text, FakeSecrets secrets = {}) {
    const std::vector files{SourceFile{"xfrmd.json", std::string(text)}};
    return load(files, secrets);
}

/// One tunnel. What an argument holds ends with a comma and comes first in its entry.
inline std::string tunnel(std::string_view phase1 = "", std::string_view phase2 = "",
                          std::string_view sections = "") {
    std::string text = "{ SECTIONS \"phase1-interface\": { \"hub\": { PHASE1\n";
    text += R"("interface": "eth0", "proposal": ["aes256-sha256"],
               "psksecret": "0123456789abcdef0123" } },
            "phase2-interface": { "net": { PHASE2
            "phase1name": "hub", "proposal": ["aes128gcm"] } } })";
    const auto replace = [&](std::string_view word, std::string_view by) {
        text.replace(text.find(word), word.size(), by);
    };
    replace("SECTIONS", sections);
    replace("PHASE1", phase1);
    replace("PHASE2", phase2);
    return text;
}

/// The same with a remote gateway.
inline std::string static_tunnel(std::string_view phase1 = "", std::string_view phase2 = "",
                                 std::string_view sections = "") {
    return tunnel("\"remote-gw\": \"192.0.2.1\", " + std::string(phase1), phase2, sections);
}

inline std::string all_text(const Loaded& loaded) {
    std::string text;
    for (const Problem& problem : loaded.problems)
        text += problem.to_text() + "\n";
    return text;
}

/// The first problem at a pointer, or one that says so.
inline Problem problem_at(const Loaded& loaded, std::string_view pointer) {
    const auto found = std::ranges::find(loaded.problems, pointer, &Problem::pointer);
    if (found != loaded.problems.end()) return *found;
    Problem none;
    none.message = "no problem there, but:\n" + all_text(loaded);
    return none;
}

inline const Phase1& only_phase1(const Loaded& loaded) {
    INFO(all_text(loaded));
    REQUIRE(loaded.config);
    REQUIRE(loaded.config->phase1s.size() == 1);
    return *loaded.config->phase1s.front();
}

inline const Phase2& only_phase2(const Loaded& loaded) {
    REQUIRE(only_phase1(loaded).phase2s.size() == 1);
    return only_phase1(loaded).phase2s.front();
}

}  // namespace xfrmd::config::test
