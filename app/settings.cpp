#include "app/settings.hpp"

#include <toml++/toml.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <thread>

#include "app/nearest.hpp"
#include "metrics/log/log.hpp"
#include "net/cors.hpp"
#include "outbox/egress.hpp"

namespace usher::app {

const std::vector<setting>& all_settings() {
  static const std::vector<setting> all{
      {"listen", "127.0.0.1:8080", "address and port; port 0 picks a free one"},
      {"database", "", "a libpq connection string; without it, an embedded PostgreSQL", false, true},
      {"data", "./usher-data", "where the embedded PostgreSQL, the signing key and the demo tokens live"},
      {"demo", "false", "seed organizations, agents and tickets around the next Saturday, once", true},
      {"jwt-key", "", "HS256 secret file, PEM public key or JWKS file; default DATA/jwt.key"},
      {"tls-cert", "", "a PEM certificate chain: serves https instead of http; read again when it changes"},
      {"tls-key", "", "its PEM key, for its owner and group alone to read"},
      {"trusted-proxies", "", "addresses and networks, separated by commas, whose X-Forwarded-For is believed"},
      {"cors-origin", "", "origins whose pages may read the answers, separated by commas; without it, none"},
      {"io-threads", "", "network threads; default by core count"},
      {"worker-threads", "", "actor threads; default by core count"},
      {"writer-lanes", "", "connections that write, each with its thread; default by core count"},
      {"read-connections", "4", "connections that read, each with its thread"},
      {"rate-limit-caller", "100", "requests a second of one caller, bursts of twice that; 0 is off"},
      {"rate-limit-organization", "1000", "requests a second of one organization, bursts of twice that; 0 is off"},
      {"rate-limit-address", "1000",
       "requests a second of one address that show no token that holds, bursts of twice that; 0 is off"},
      {"connections", "10000", "connections of clients at once; more are told 503"},
      {"connections-per-address", "10000", "connections of one address at once; 0 is no limit of their own"},
      {"overload-target", "150",
       "milliseconds that work may take, on average, before the desk refuses what matters least; 0 is never"},
      {"shards", "16", "supervisors of tickets, a power of two"},
      {"monitor-interval", "60", "seconds between two rounds of the monitor: snapshot, audit, purge"},
      {"heartbeat-url", "", "pinged with a GET after each interval of the monitor, while all is well", false, true},
      {"require-if-match", "false", "428 for a write to an existing ticket without If-Match", true},
      {"incident-organizations", "10",
       "organizations that write about the same before an alert tells of an incident; 0 is never"},
      {"incident-minutes", "10", "minutes within which they write"},
      {"public-url", "", "where customers reach the desk, for links in emails; default http://LISTEN"},
      {"auto-assign", "true", "true or false: give tickets to agents without being asked"},
      {"assign-relax-after", "300", "seconds that a ticket waits for an agent with one of its skills"},
      {"silence-percent", "80", "of a response's target: how long an assignee may show no sign; 0 is for ever"},
      {"take-backs", "3", "how often a ticket goes to the next agent before it is a supervisor's"},
      {"presence-lapse", "1800", "seconds without a request after which an agent counts as away; 0 is never"},
      {"webhook-allow-private", "false",
       "whether webhooks may reach private networks, over plain http too: true, false, or a list like 10.0.0.0/8"},
      {"emergency-channel", "", "email addresses and phone numbers that level 999 tells, separated by commas"},
      {"resend-key", "", "the key of Resend, which sends the emails; without it there are none", false, true},
      {"resend-key-file", "", "a file that holds the key of Resend"},
      {"resend-from", "", "the sender of emails, like Usher <desk@example.com>"},
      {"resend-url", "https://api.resend.com", "where Resend's API is"},
      {"twilio-sid", "", "the account at Twilio, which sends the texts"},
      {"twilio-token", "", "the token of that account; without it there are no texts", false, true},
      {"twilio-token-file", "", "a file that holds the token"},
      {"twilio-from", "", "the sender of texts: a number, a name, or a messaging service"},
      {"llm-url", "", "an OpenAI-compatible API that is asked where the classifier is in doubt, like https://host/v1"},
      {"llm-model", "", "the model to ask"},
      {"llm-key", "", "its key, if it wants one", false, true},
      {"llm-key-file", "", "a file that holds the key"},
      {"llm-timeout", "10", "seconds that it may take"},
      {"llm-budget", "60", "requests a minute at most"},
      {"llm-below", "60", "per cent of confidence below which it is asked"},
      {"twilio-url", "https://api.twilio.com", "where Twilio's API is"},
      {"freeze", "sat 00:00 - sun 06:00",
       "when, in each time zone with a wedding then, settings and schema are not changed; off never"},
      {"freeze-days", "", "further days that are frozen like a Saturday, like 2026-12-24,2026-12-31"},
      {"break-glass", "", "why a start applies migrations in a freeze; without it they wait"},
      {"log-level", "info", "debug, info, warn or error"},
  };
  return all;
}

namespace {

const setting* find_setting(std::string_view name) {
  const auto& all = all_settings();
  auto found = std::find_if(all.begin(), all.end(), [&](const setting& s) { return s.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string environment_name(std::string_view name) {
  std::string out = "USHER_";
  for (char c : name) out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

std::string nearest_setting(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& s : all_settings()) names.emplace_back(s.name);
  return nearest(name, names);
}

domain::result<std::map<std::string, std::string>> read_file(const std::string& path) {
  std::map<std::string, std::string> values;
  if (path.empty()) return values;
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& problem) {
    return domain::fail(domain::errc::invalid, path + ": " + std::string(problem.description()));
  }
  for (const auto& [key, node] : table) {
    std::string name(key.str());
    if (find_setting(name) == nullptr) {
      return domain::fail(domain::errc::invalid,
                          path + ": there is no setting '" + name + "'; did you mean '" + nearest_setting(name) + "'?");
    }
    std::ostringstream text;
    if (auto string = node.value<std::string>())
      text << *string;
    else
      node.visit([&](const auto& value) { text << value; });
    values[name] = text.str();
  }
  return values;
}

domain::error wrong(std::string_view name, const std::string& got, std::string_view wanted) {
  return {domain::errc::invalid, "setting '" + std::string(name) + "': '" + got + "' is not " + std::string(wanted)};
}

/// Reads typed values and remembers the first that is wrong.
class checker {
 public:
  explicit checker(const setting_values& values) : values_(values) {}

  [[nodiscard]] const std::string& text(std::string_view name) const { return values_.find(name)->second.text; }
  bool boolean(std::string_view name) {
    if (text(name) == "true" || text(name) == "false") return text(name) == "true";
    note(wrong(name, text(name), "true or false"));
    return false;
  }
  std::size_t number(std::string_view name, std::size_t least, std::size_t most) {
    std::size_t value = 0;
    const auto& t = text(name);
    auto [end, ec] = std::from_chars(t.data(), t.data() + t.size(), value);
    if (ec != std::errc() || end != t.data() + t.size() || value < least || value > most)
      note(wrong(name, t, "a number from " + std::to_string(least) + " to " + std::to_string(most)));
    return value;
  }
  void note(domain::error problem) {
    if (!problem_) problem_ = std::move(problem);
  }
  [[nodiscard]] const std::optional<domain::error>& problem() const { return problem_; }

 private:
  const setting_values& values_;
  std::optional<domain::error> problem_;
};

void read_listen(checker& check, serve_settings& out) {
  const auto& text = check.text("listen");
  auto colon = text.rfind(':');
  unsigned port = 65536;
  if (colon != std::string::npos && colon > 0) {
    auto [end, ec] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (ec != std::errc() || end != text.data() + text.size()) port = 65536;
  }
  if (port > 65535) return check.note(wrong("listen", text, "ADDRESS:PORT"));
  out.listen_address = text.substr(0, colon);
  if (out.listen_address.front() == '[')
    out.listen_address = out.listen_address.substr(1, out.listen_address.size() - 2);
  out.listen_port = static_cast<std::uint16_t>(port);
}

/// The defaults that depend on the machine or on other settings.
void fill_in(setting_values& values) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const auto fill = [&values](std::string_view name, const std::string& text) {
    auto& value = values.find(name)->second;
    if (value.text.empty()) value.text = text;
  };
  fill("jwt-key", values.find("data")->second.text + "/jwt.key");
  fill("io-threads", std::to_string(std::max<std::size_t>(1, cores / 2)));
  fill("worker-threads", std::to_string(std::max<std::size_t>(1, cores / 2)));
  fill("writer-lanes", std::to_string(std::clamp<std::size_t>(cores / 2, 1, 4)));
}

}  // namespace

domain::result<setting_values> resolve_settings(const std::map<std::string, std::string>& flags,
                                                const std::string& file) {
  auto from_file = read_file(file);
  if (!from_file) return std::unexpected(std::move(from_file.error()));
  setting_values values;
  for (const auto& s : all_settings()) {
    std::string name(s.name);
    auto& value = values[name];
    if (auto flag = flags.find(name); flag != flags.end()) value = {flag->second, "flag"};
    // An empty variable is what `VARIABLE= usher serve` leaves of one: it says nothing.
    else if (const char* text = std::getenv(environment_name(s.name).c_str()); text != nullptr && *text != '\0')
      value = {text, "environment"};
    else if (auto entry = from_file->find(name); entry != from_file->end())
      value = {entry->second, "file"};
    else
      value = {std::string(s.fallback), "default"};
  }
  fill_in(values);
  return values;
}

std::vector<unknown_variable> unknown_environment() {
  // What the scripts of this repository are told.
  constexpr std::array<std::string_view, 3> of_scripts{"USHER_CACHE", "USHER_CAF_PREFIX", "USHER_PEERS"};
  std::map<std::string, std::string> known;
  for (const auto& s : all_settings()) known[environment_name(s.name)] = s.name;
  std::vector<std::string> names;
  for (const auto& [name, setting] : known) names.push_back(name);
  std::vector<unknown_variable> out;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view entry(*each);
    const std::string name(entry.substr(0, entry.find('=')));
    if (!name.starts_with("USHER_") || known.contains(name) || std::ranges::count(of_scripts, name) > 0) continue;
    out.push_back({name, nearest(name, names)});
  }
  return out;
}

std::string print_settings(const setting_values& values) {
  std::string out;
  for (const auto& s : all_settings()) {
    const auto& value = values.find(s.name)->second;
    bool masked = s.is_secret && !value.text.empty();
    out += std::string(s.name) + " = \"" + (masked ? "********" : value.text) + "\"  # " + value.source + "\n";
  }
  return out;
}

domain::result<domain::freeze_rules> read_freeze_rules(const setting_values& values) {
  const auto text = [&](std::string_view name) { return values.find(name)->second.text; };
  auto rules = domain::parse_freeze(text("freeze"));
  auto days = domain::parse_days(text("freeze-days"));
  if (!rules || !days) {
    const auto& why = rules ? days.error() : rules.error();
    return domain::fail(domain::errc::invalid,
                        "setting '" + std::string(rules ? "freeze-days" : "freeze") + "': " + why.detail);
  }
  rules->extra_days = std::move(*days);
  return rules;
}

domain::result<serve_settings> check_settings(const setting_values& values) {
  checker check(values);
  serve_settings out;
  read_listen(check, out);
  out.database = check.text("database");
  out.data = check.text("data");
  out.jwt_key = check.text("jwt-key");
  out.tls_certificate = check.text("tls-cert");
  out.tls_key = check.text("tls-key");
  if (out.tls_certificate.empty() != out.tls_key.empty())
    check.note({domain::errc::invalid, "settings 'tls-cert' and 'tls-key': one needs the other"});
  if (auto proxies = net::address_list::parse(check.text("trusted-proxies")))
    out.trusted_proxies = std::move(*proxies);
  else
    check.note({domain::errc::invalid, "setting 'trusted-proxies': " + proxies.error().detail});
  if (auto origins = net::parse_origins(check.text("cors-origin")))
    out.cors_origins = std::move(*origins);
  else
    check.note({domain::errc::invalid, "setting 'cors-origin': " + origins.error().detail});
  out.demo = check.boolean("demo");
  out.require_if_match = check.boolean("require-if-match");
  out.io_threads = check.number("io-threads", 1, 256);
  out.worker_threads = check.number("worker-threads", 1, 256);
  out.writer_lanes = check.number("writer-lanes", 1, 16);
  out.read_connections = check.number("read-connections", 1, 64);
  out.rate_limit_caller = check.number("rate-limit-caller", 0, 1'000'000);
  out.rate_limit_organization = check.number("rate-limit-organization", 0, 1'000'000);
  out.rate_limit_address = check.number("rate-limit-address", 0, 1'000'000);
  out.connections = check.number("connections", 1, 1'000'000);
  out.connections_per_address = check.number("connections-per-address", 0, 1'000'000);
  out.overload_target = std::chrono::milliseconds(check.number("overload-target", 0, 10'000));
  out.monitor_interval = std::chrono::seconds(check.number("monitor-interval", 1, 3600));
  out.heartbeat_url = check.text("heartbeat-url");
  if (auto url = outbox::parse_target(out.heartbeat_url); !out.heartbeat_url.empty() && !url)
    check.note({domain::errc::invalid, "setting 'heartbeat-url': " + url.error().detail});
  out.shards = check.number("shards", 1, 1024);
  if (!std::has_single_bit(out.shards)) check.note(wrong("shards", check.text("shards"), "a power of two"));
  out.public_url = check.text("public-url");
  while (out.public_url.ends_with('/')) out.public_url.pop_back();
  if (!out.public_url.empty() && !out.public_url.starts_with("http://") && !out.public_url.starts_with("https://"))
    check.note(wrong("public-url", out.public_url, "an http or https URL"));
  out.assignment.automatic = check.boolean("auto-assign");
  out.assignment.relax_after = std::chrono::seconds(check.number("assign-relax-after", 0, 7 * 86'400));
  out.assignment.silence_percent = static_cast<int>(check.number("silence-percent", 0, 1000));
  out.assignment.take_backs_max = static_cast<int>(check.number("take-backs", 0, 100));
  out.assignment.presence_lapses = std::chrono::seconds(check.number("presence-lapse", 0, 30 * 86'400));
  out.incidents.organizations = static_cast<int>(check.number("incident-organizations", 0, 1000));
  out.incidents.within = std::chrono::minutes(check.number("incident-minutes", 1, 1440));
  if (auto freeze = read_freeze_rules(values))
    out.freeze = std::move(*freeze);
  else
    check.note(std::move(freeze.error()));
  out.break_glass = check.text("break-glass");
  if (!out.break_glass.empty() && out.break_glass.size() < domain::break_glass_min)
    check.note(wrong("break-glass", out.break_glass, "a reason of ten characters or more"));
  out.log_level = check.text("log-level");
  log::level level{};
  if (!log::parse_level(out.log_level, level))
    check.note(wrong("log-level", out.log_level, "debug, info, warn or error"));
  if (check.problem()) return std::unexpected(*check.problem());
  return out;
}

}  // namespace usher::app
