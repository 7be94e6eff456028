#include "store/backup_files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"
#include "store/migrations.hpp"

namespace usher::store {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view manifest_name = "manifest.json";
constexpr std::string_view manifest_sum_name = "manifest.sha256";
constexpr std::string_view name_prefix = "usher-";
constexpr std::uint64_t reserve_bytes = std::uint64_t{64} << 20U;
constexpr std::uintmax_t manifest_bytes_max = std::uintmax_t{1} << 20U;

std::string read_small(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  if (failed) throw backup_error(path.string() + ": " + failed.message());
  if (size > manifest_bytes_max) throw backup_error(path.string() + " is too large to be what it should be");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  if (!in) throw backup_error(path.string() + " can't be read");
  return out.str();
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.flush();
  if (!out) throw backup_error(path.string() + " can't be written");
  out.close();
  sync_to_disk(path);
}

std::string to_json(const backup_manifest& what) {
  std::string out;
  domain::json_writer w(out);
  w.begin_object();
  w.member("usher", std::string_view(what.usher_version));
  w.member("postgresql", std::string_view(what.postgres_version));
  w.member("schema", what.schema);
  w.member("taken_at", std::string_view(domain::format_rfc3339(what.taken_at)));
  w.key("roles");
  w.begin_array();
  for (const auto& role : what.roles) {
    w.begin_object();
    w.member("name", std::string_view(role.name));
    w.member("logs_in", role.logs_in);
    w.member("inherits", role.inherits);
    w.key("member_of");
    w.begin_array();
    for (const auto& each : role.member_of) w.value(each);
    w.end_array();
    w.end_object();
  }
  w.end_array();
  w.key("files");
  w.begin_array();
  for (const auto& file : what.files) {
    w.begin_object();
    w.member("name", std::string_view(file.name));
    w.member("bytes", static_cast<std::int64_t>(file.bytes));
    w.member("sha256", std::string_view(file.sha256));
    w.end_object();
  }
  w.end_array();
  w.key("tables");
  w.begin_array();
  for (const auto& table : what.tables) {
    w.begin_object();
    w.member("table", std::string_view(table.table));
    w.member("rows", table.rows);
    w.member("sum", std::string_view(table.sum));
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out + "\n";
}

/// The members of an object, each a text: of a string its characters.
std::map<std::string, std::string> members_of(std::string_view object) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : domain::json_members(object))
    out[std::string(key)] = domain::json_string(value).value_or(std::string(value));
  return out;
}

template <class Number>
Number number_of(const std::string& text) {
  Number out{};
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

backup_manifest from_json(std::string_view text) {
  backup_manifest out;
  auto members = members_of(text);
  out.usher_version = members["usher"];
  out.postgres_version = members["postgresql"];
  out.schema = number_of<int>(members["schema"]);
  if (auto at = domain::parse_rfc3339(members["taken_at"])) out.taken_at = *at;
  for (auto each : domain::json_elements(members["roles"])) {
    auto role = members_of(each);
    auto& made =
        out.roles.emplace_back(backup_role{role["name"], role["logs_in"] == "true", role["inherits"] != "false"});
    for (auto other : domain::json_elements(role["member_of"]))
      made.member_of.push_back(domain::json_string(other).value_or(""));
  }
  for (auto each : domain::json_elements(members["files"])) {
    auto file = members_of(each);
    out.files.push_back({file["name"], number_of<std::uint64_t>(file["bytes"]), file["sha256"]});
  }
  for (auto each : domain::json_elements(members["tables"])) {
    auto table = members_of(each);
    out.tables.push_back({table["table"], number_of<std::int64_t>(table["rows"]), table["sum"]});
  }
  return out;
}

/// The instant in a backup's name; nothing for any other name.
std::optional<domain::instant> instant_in(const std::string& name) {
  if (!name.starts_with(name_prefix)) return std::nullopt;
  auto text = name.substr(name_prefix.size());
  if (text.size() < 17) return std::nullopt;
  text.insert(15, ":").insert(13, ":");
  const auto at = domain::parse_rfc3339(text);
  if (!at || backup_name(*at) != name) return std::nullopt;
  return at;
}

}  // namespace

std::string checksum_of_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw backup_error(path.string() + " can't be read: " + std::strerror(errno));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool well = state && EVP_DigestInit_ex(state.get(), EVP_sha256(), nullptr) == 1;
  std::vector<char> piece(std::size_t{1} << 20U);
  while (well && in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    well = EVP_DigestUpdate(state.get(), piece.data(), static_cast<std::size_t>(in.gcount())) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (!well || in.bad() || EVP_DigestFinal_ex(state.get(), digest.data(), &size) != 1)
    throw backup_error(path.string() + " can't be read to its end");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4U];
    out += digits[digest[i] & 0xFU];
  }
  return out;
}

void sync_to_disk(const fs::path& path) {
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool well = opened >= 0 && ::fsync(opened) == 0;
  const std::string why = well ? "" : std::strerror(errno);
  if (opened >= 0) ::close(opened);
  if (!well) throw backup_error(path.string() + " can't be written to the disk: " + why);
}

void write_manifest(const fs::path& directory, backup_manifest what) {
  what.files.clear();
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    sync_to_disk(entry.path());
    what.files.push_back({entry.path().filename().string(), entry.file_size(), checksum_of_file(entry.path())});
  }
  std::ranges::sort(what.files, {}, &backup_file::name);
  const auto text = to_json(what);
  write_text(directory / manifest_name, text);
  write_text(directory / manifest_sum_name, checksum(text) + "\n");
  sync_to_disk(directory);
}

backup_manifest check_backup(const fs::path& directory) {
  const auto text = read_small(directory / manifest_name);
  if (read_small(directory / manifest_sum_name) != checksum(text) + "\n")
    throw backup_error("the backup is damaged: " + std::string(manifest_name) + " is not what was written");
  auto out = from_json(text);
  bool has_dump = false;
  for (const auto& file : out.files) {
    const auto path = directory / file.name;
    std::error_code failed;
    const auto size = fs::file_size(path, failed);
    if (failed) throw backup_error("the backup is damaged: " + path.string() + ": " + failed.message());
    if (size != file.bytes || checksum_of_file(path) != file.sha256)
      throw backup_error("the backup is damaged: " + path.string() + " is not what was written");
    has_dump = has_dump || file.name == dump_name;
  }
  if (!has_dump || out.tables.empty()) throw backup_error("the backup has no database in it");
  return out;
}

std::string backup_name(domain::instant at) {
  auto text = domain::format_rfc3339(at);
  std::erase(text, ':');
  return std::string(name_prefix) + text;
}

int rotate_backups(const fs::path& directory, domain::instant now, std::chrono::milliseconds keep) {
  std::map<domain::instant, fs::path> found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const auto at = instant_in(entry.path().filename().string());
    if (at && entry.is_directory() && fs::exists(entry.path() / manifest_sum_name)) found[*at] = entry.path();
  }
  int gone = 0;
  for (const auto& [at, path] : found) {
    if (at >= now - keep || at == found.rbegin()->first) break;
    // Without this one it is no backup any more, should we be stopped in between.
    fs::remove(path / manifest_sum_name);
    fs::remove_all(path);
    ++gone;
  }
  return gone;
}

void need_space(const fs::path& directory, std::uint64_t bytes) {
  const auto space = fs::space(directory);
  if (space.available >= bytes + reserve_bytes) return;
  throw backup_error(directory.string() + " has " + std::to_string(space.available >> 20U) + " MiB free, and " +
                     std::to_string((bytes + reserve_bytes) >> 20U) + " MiB may be needed");
}

}  // namespace usher::store
