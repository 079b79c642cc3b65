#include "daemon/secret_files.hpp"

#include <sys/stat.h>

#include "support/catch.hpp"
#include "temporary_directory.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace xfrmd::test;

namespace {

std::string text(const std::expected<Secret, std::string>& secret) {
    return secret ? std::string(as_text(secret->view())) : "error: " + secret.error();
}

}  // namespace

TEST_CASE("secret files: one newline at the end is not a part of the secret") {
    const TemporaryDirectory directory;
    SecretFiles secrets(std::nullopt, Credentials::required);
    CHECK(text(secrets.read_file(directory.write("a", "psk\n"))) == "psk");
    CHECK(text(secrets.read_file(directory.write("b", "psk"))) == "psk");
    CHECK(text(secrets.read_file(directory.write("c", " p\ns k\n\n"))) == " p\ns k\n");
}

TEST_CASE("secret files: empty, huge, and missing files are errors") {
    const TemporaryDirectory directory;
    SecretFiles secrets(std::nullopt, Credentials::required);
    CHECK_FALSE(secrets.read_file(directory.write("empty", "")));
    CHECK_FALSE(secrets.read_file(directory.write("newline", "\n")));
    CHECK_FALSE(secrets.read_file(directory.write("huge", std::string(100000, 'a'))));
    CHECK(text(secrets.read_file(directory.path() / "none")) == "error: No such file or directory");
    CHECK(text(secrets.read_file(directory.path())) == "error: not a regular file");
}

TEST_CASE("secret files: a file that everybody can read is taken with a warning") {
    const TemporaryDirectory directory;
    SecretFiles secrets(std::nullopt, Credentials::required);
    const auto file = directory.write("psk", "secret-word\n");
    chmod(file.c_str(), 0640);
    CHECK(secrets.read_file(file));
    CHECK(secrets.warnings().empty());
    chmod(file.c_str(), 0644);
    CHECK(secrets.read_file(file));
    REQUIRE(secrets.warnings().size() == 1);
    CHECK(secrets.warnings()[0].find(file.native()) != std::string::npos);
    CHECK(secrets.warnings()[0].find("secret-word") == std::string::npos);
}

TEST_CASE("secret files: credentials are names in the service's directory, never paths") {
    const TemporaryDirectory directory;
    directory.write("credentials/to-hq", "psk\n");
    directory.write("outside", "no\n");
    SecretFiles secrets(directory.path() / "credentials", Credentials::required);
    CHECK(text(secrets.read_credential("to-hq")) == "psk");
    for (const char* name : {"../outside", "", ".", "..", "a/b", "/etc/passwd"})
        CHECK(text(secrets.read_credential(name)) == "error: not the name of a credential");
}

TEST_CASE("secret files: without a service credentials are an error, or assumed for a check") {
    SecretFiles service(std::nullopt, Credentials::required);
    CHECK(text(service.read_credential("to-hq")) ==
          "error: this process was started without credentials");
    SecretFiles check(std::nullopt, Credentials::assumed);
    CHECK(check.read_credential("to-hq"));
    CHECK_FALSE(check.read_credential("../to-hq"));
}
