#include "app/signing_key.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "metrics/log/log.hpp"

namespace usher::app {

namespace {

std::string random_hex() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system has no random bytes to give");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (auto byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::runtime_error(what + " " + path + ": " + std::strerror(errno));
}

void write_private_file(const std::string& path, const std::string& text) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) fail("can't create", path);
  bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!whole) fail("can't write", path);
}

}  // namespace

// Linked into place whole: two that start at once agree on one key, and a kill leaves none that is cut off.
void place_private_file(const std::string& path, const std::string& text) {
  auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent);
  std::string fresh = path + "." + std::to_string(::getpid());
  ::unlink(fresh.c_str());
  write_private_file(fresh, text);
  bool linked = ::link(fresh.c_str(), path.c_str()) == 0 || errno == EEXIST;
  ::unlink(fresh.c_str());
  if (!linked) fail("can't create", path);
}

void ensure_signing_key(const std::string& path) {
  if (!std::filesystem::exists(path)) place_private_file(path, random_hex() + "\n");
}

std::string read_whole_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail("can't read", path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string read_secret(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!file || !std::getline(file, text) || text.empty()) throw std::runtime_error("can't read the secret " + path);
  return text;
}

std::vector<net::jwt_key> load_keys(const std::string& path) {
  const auto contents = read_whole_file(path);
  auto keys = net::parse_key_file(contents);
  if (!keys) throw std::runtime_error(path + ": " + keys.error().detail);
  if (const auto why = net::weakness_of_key_file(contents))
    log::warn("the secret that tokens are signed with is easily guessed", {{"file", path}, {"why", *why}});
  return std::move(*keys);
}

}  // namespace usher::app
