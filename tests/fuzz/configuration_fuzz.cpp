// Any octets as a configuration file: it loads, or there is an error that tells its line. What
// loads is shown in full, and that loads again.
#include <string>

#include "config/load.hpp"
#include "config/settings.hpp"
#include "fuzz/action_reader.hpp"
#include "fuzz/target.hpp"

using namespace xfrmd;
using test::expect;

namespace {

class OneSecret final : public config::SecretReader {
  public:
    std::expected<Secret, std::string> read_file(const std::string& path) override {
        if (path.size() % 2 == 0) return std::unexpected("No such file or directory");
        return Secret(as_bytes("0123456789abcdef0123456789abcdef"));
    }
    std::expected<Secret, std::string> read_credential(const std::string& name) override {
        return read_file(name);
    }
};

config::Loaded load(std::string text) {
    OneSecret secrets;
    const std::vector files{config::SourceFile{"xfrmd.json", std::move(text)}};
    return config::load(files, secrets);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto loaded = load(std::string(as_text({data, size})));
    expect(loaded.config != nullptr || !loaded.problems.empty(), "refused without a word");
    for (const config::Problem& problem : loaded.problems)
        expect(!problem.to_text().empty(), "a problem without words");
    if (!loaded.config) return 0;
    const std::string full = config::show_full(*loaded.settings);
    const auto again = load(full);
    expect(again.settings && config::show_full(*again.settings) == full,
           "what is shown in full reads as something else");
    return 0;
}
