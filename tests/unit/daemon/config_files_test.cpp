#include "daemon/config_files.hpp"

#include "support/catch.hpp"
#include "temporary_directory.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace xfrmd::test;

namespace {

std::vector<std::string> texts_of(const ConfigTexts& texts) {
    std::vector<std::string> result;
    for (const config::SourceFile& file : texts.files())
        result.push_back(file.text);
    return result;
}

}  // namespace

TEST_CASE("config files: the main file comes first, then conf.d by name") {
    const TemporaryDirectory directory;
    const auto main = directory.write("xfrmd.json", "main");
    directory.write("conf.d/20-b.json", "b");
    directory.write("conf.d/10-a.json", "a");
    directory.write("conf.d/README", "not JSON's name");
    directory.write("conf.d/.hidden.json", "an editor's");
    const ConfigTexts texts = read_configuration(main);
    CHECK(texts.errors().empty());
    CHECK(texts_of(texts) == std::vector<std::string>{"main", "a", "b"});
    CHECK(texts.files()[1].name == (directory.path() / "conf.d/10-a.json").native());
}

TEST_CASE("config files: conf.d may be absent, the main file may not") {
    const TemporaryDirectory directory;
    const auto main = directory.write("xfrmd.json", "main");
    CHECK(read_configuration(main).errors().empty());
    const ConfigTexts missing = read_configuration(directory.path() / "other.json");
    REQUIRE(missing.errors().size() == 1);
    CHECK(missing.errors()[0] ==
          (directory.path() / "other.json").native() + ": No such file or directory");
}

TEST_CASE("config files: all unreadable files are named at once") {
    const TemporaryDirectory directory;
    const std::vector<std::filesystem::path> paths{directory.path() / "a", directory.path()};
    const ConfigTexts texts = read_files(paths);
    REQUIRE(texts.errors().size() == 2);
    CHECK(texts.errors()[1] == directory.path().native() + ": not a regular file");
}
