// `usher doctor`: one line for each thing that has to be well.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "app/checkpoint.hpp"
#include "app/commands.hpp"
#include "app/signing_key.hpp"
#include "metrics/log/log.hpp"
#include "net/tls.hpp"
#include "store/audit_examination.hpp"
#include "store/examination.hpp"

namespace usher::app {

namespace {

namespace fs = std::filesystem;
using store::finding;

/// PostgreSQL's WAL alone may grow to 4 GB under load; below this, the desk is about to stop.
constexpr std::uintmax_t free_bytes_min = std::uintmax_t{1} << 30U;

std::string gibibytes(std::uintmax_t bytes) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / static_cast<double>(1U << 30U) << " GiB";
  return out.str();
}

/// Of the file system that holds the directory, or will hold it.
finding examine_disk(const std::string& data) {
  fs::path at = fs::absolute(data);
  std::error_code failed;
  while (!fs::exists(at, failed) && at.has_parent_path() && at != at.parent_path()) at = at.parent_path();
  const auto space = fs::space(at, failed);
  if (failed) return {"disk", false, at.string() + ": " + failed.message()};
  return {"disk", space.available >= free_bytes_min,
          gibibytes(space.available) + " of " + gibibytes(space.capacity) + " are free for " + data};
}

/// A secret must be its owner's alone to read; nobody else may write a key of any kind.
finding examine_key(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    const std::string hint = errno == ENOENT ? "; `usher serve` and `usher token` make one" : "";
    return {"signing key", false, path + ": " + std::strerror(errno) + hint};
  }
  std::vector<net::jwt_key> keys;
  try {
    keys = load_keys(path);
  } catch (const std::exception& why) {
    return {"signing key", false, why.what()};
  }
  if (const auto why = net::weakness_of_key_file(read_whole_file(path)))
    return {"signing key", false, path + ": the secret " + std::string(*why) + "; openssl rand -base64 48 draws one"};
  const bool secret = keys.front().algorithm() == net::jwt_algorithm::hs256;
  const mode_t others = found.st_mode & (S_IRWXG | S_IRWXO);
  if (secret && others != 0) return {"signing key", false, path + " is open to others than its owner; chmod 600 it"};
  if ((others & (S_IWGRP | S_IWOTH)) != 0)
    return {"signing key", false, path + " can be written by others than its owner; chmod 644 it"};
  return {"signing key", true, path + (secret ? " is a secret, readable by its owner only" : " holds public keys")};
}

/// What renews certificates does so weeks before they end: one that is left with less has been forgotten.
constexpr std::chrono::days certificate_days_min{7};

finding examine_certificate(const doctor_request& request) {
  const auto identity = net::load_tls_identity(request.tls_certificate, request.tls_key);
  if (!identity) return {"certificate", false, identity.error().detail};
  const auto ends = net::expiry_of(*identity);
  const auto left = std::chrono::floor<std::chrono::days>(ends - domain::system_clock_port().now());
  return {"certificate", left >= certificate_days_min,
          request.tls_certificate + (left.count() < 0 ? " expired on " : " expires on ") +
              domain::format_rfc3339(ends) +
              (left.count() < 0 ? "" : ", in " + std::to_string(left.count()) + " days")};
}

finding examine_channels(const outgoing_settings& settings) {
  auto found = examine_outgoing(settings);
  return {"outgoing channels", found.well, std::move(found.words)};
}

/// Long enough for a hundred million entries.
constexpr auto audit_max = std::chrono::hours{1};

store::steady_time audit_deadline() { return std::chrono::steady_clock::now() + audit_max; }

/// Calls `use` with a connection to the desk's database. Throws `std::runtime_error`.
void with_database(const std::string& database, const std::string& data,
                   const std::function<void(store::connection&)>& use) {
  const auto connect = [&](const store::connect_target& target) {
    auto opened = store::connection::open(target, std::chrono::steady_clock::now() + std::chrono::seconds{10});
    if (!opened) throw std::runtime_error("the database can't be reached: " + opened.error().message);
    use(*opened);
  };
  if (database.empty()) return store::with_embedded(fs::path(data), connect);
  connect(store::connect_target{database, {}});
}

finding examine_trail(const doctor_request& request) {
  finding found{"audit trail", false, {}};
  try {
    std::vector<store::chain_head> known;
    if (!request.checkpoint.empty()) {
      const auto key = request.checkpoint_key.empty() ? request.data + "/audit.key.pub" : request.checkpoint_key;
      known = read_checkpoint(read_whole_file(request.checkpoint), key);
    }
    with_database(request.database, request.data,
                  [&](store::connection& on) { found = store::examine_audit(on, known, audit_deadline()); });
  } catch (const std::exception& why) {
    found.words = why.what();
  }
  return found;
}

}  // namespace

int doctor(const doctor_request& request) {
  // What the embedded server's start tells is not what was asked for.
  log::start(log::level::error);
  auto findings = request.database.empty() ? store::examine_database(fs::path(request.data))
                                           : store::examine_database(store::connect_target{request.database, {}});
  findings.push_back(examine_disk(request.data));
  findings.push_back(examine_key(request.key_file));
  if (!request.tls_certificate.empty() || !request.tls_key.empty()) findings.push_back(examine_certificate(request));
  findings.push_back(examine_channels(request.outgoing));
  if (request.audit) findings.push_back(examine_trail(request));
  bool well = true;
  for (const auto& each : findings) {
    std::cout << (each.well ? "ok " : "FAIL ") << each.name << ": " << each.words << '\n';
    well = well && each.well;
  }
  std::cout << std::flush;
  return well ? 0 : 1;
}

int checkpoint(const checkpoint_request& request) {
  log::start(log::level::error);
  ensure_checkpoint_key(request.key_file);
  std::vector<store::chain_head> heads;
  with_database(request.database, request.data, [&](store::connection& on) {
    auto read = store::read_chain_heads(on, audit_deadline());
    if (!read) throw std::runtime_error("the chains can't be read: " + read.error().message);
    heads = std::move(*read);
  });
  const auto now = std::chrono::time_point_cast<domain::milliseconds>(std::chrono::system_clock::now());
  std::cout << sign_checkpoint(heads, now, request.key_file) << std::endl;
  return 0;
}

}  // namespace usher::app
