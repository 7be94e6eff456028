// What the npm package that receivers use says of a signed request.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "domain/json_writer.hpp"
#include "tests/outbox/local_server.hpp"

namespace usher::test {

/// A file of its own that goes away with the test.
class temp_file {
 public:
  temp_file() {
    std::string pattern = (std::filesystem::temp_directory_path() / "usher-webhook-XXXXXX").string();
    const int descriptor = ::mkstemp(pattern.data());
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    path_ = pattern;
  }
  ~temp_file() { std::filesystem::remove(path_); }
  temp_file(const temp_file&) = delete;
  temp_file& operator=(const temp_file&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// What the package `standardwebhooks` says of a request, with a secret in its `whsec_` form: 0 that it is genuine,
/// 1 that it is not.
inline int verdict_of_npm_package(const std::string& secret, const received& request) {
  std::string text;
  domain::json_writer w(text);
  w.begin_object();
  w.member("secret", secret);
  w.member("payload", request.body);
  w.key("headers");
  w.begin_object();
  for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"})
    w.member(name, request.header(name));
  w.end_object();
  w.end_object();
  temp_file file;
  std::ofstream(file.path()) << text;
  const std::string command =
      std::string(USHER_NODE) + " " + USHER_NODE_SCRIPTS + "/verify.mjs " + file.path().string();
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace usher::test
