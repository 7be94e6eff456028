#include "app/outgoing.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "outbox/http_client.hpp"
#include "outbox/signature.hpp"

namespace usher::app {

namespace {

using domain::errc;
using domain::fail;

/// The networks that nobody else owns; addresses of clouds' metadata are not among them.
constexpr std::array<std::string_view, 6> private_networks{"127.0.0.0/8",    "10.0.0.0/8", "172.16.0.0/12",
                                                           "192.168.0.0/16", "::1/128",    "fc00::/7"};

constexpr std::size_t secret_bytes_max = 4096;

const std::string& text_of(const setting_values& values, std::string_view name) {
  return values.find(name)->second.text;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  std::istringstream in(list);
  for (std::string each; std::getline(in, each, ',');) {
    each.erase(0, each.find_first_not_of(' '));
    if (auto end = each.find_last_not_of(' '); end != std::string::npos) each.erase(end + 1);
    if (!each.empty()) out.push_back(each);
  }
  return out;
}

/// A secret as the setting or its file gives it; empty when neither does.
domain::result<std::string> secret_of(const setting_values& values, const std::string& name) {
  const auto& path = text_of(values, name + "-file");
  const auto& text = text_of(values, name);
  if (path.empty()) return text;
  if (!text.empty()) return fail(errc::invalid, "settings '" + name + "' and '" + name + "-file' exclude each other");
  struct stat found {};
  std::ifstream in(path);
  if (!in || ::stat(path.c_str(), &found) != 0)
    return fail(errc::invalid, "setting '" + name + "-file': " + path + " can't be read");
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(errc::invalid,
                "setting '" + name + "-file': " + path + " is open to others than its owner; chmod 600 it");
  std::string secret(secret_bytes_max, '\0');
  in.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  secret.resize(static_cast<std::size_t>(in.gcount()));
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return fail(errc::invalid, "setting '" + name + "-file': " + path + " is empty");
  return secret;
}

domain::result<void> read_networks(const std::string& text, outbox::egress_policy& out) {
  if (text.empty() || text == "false") return {};
  if (text == "true") {
    for (auto each : private_networks) out.exceptions.push_back(*outbox::parse_network(each));
    return {};
  }
  for (const auto& each : split(text)) {
    auto network = outbox::parse_network(each);
    if (!network)
      return fail(errc::invalid, "setting 'webhook-allow-private': '" + each +
                                     "' is not true, false or a list of networks like 10.0.0.0/8");
    out.exceptions.push_back(*network);
  }
  return {};
}

/// Makes the channel once, which tells what is wrong with its settings.
template <class Make, class Settings>
domain::result<void> try_out(Make make, const Settings& settings) {
  try {
    (void)make(settings);
    return {};
  } catch (const std::invalid_argument& why) {
    return fail(errc::invalid, std::string("settings of the outbox: ") + why.what());
  }
}

domain::result<void> read_contacts(const setting_values& values, outgoing_settings& out) {
  for (auto& each : split(text_of(values, "emergency-channel"))) {
    const bool phone = each.size() > 4 && each.front() == '+' &&
                       std::all_of(each.begin() + 1, each.end(), [](char c) { return c >= '0' && c <= '9'; });
    const auto at = each.find('@');
    const bool email = at != std::string::npos && at > 0 && at + 1 < each.size();
    if (!phone && !email)
      return fail(errc::invalid, "setting 'emergency-channel': '" + each +
                                     "' is neither an email address nor a phone number like +15550100");
    if ((phone && !out.sms) || (email && !out.email))
      return fail(errc::invalid,
                  "setting 'emergency-channel': '" + each + "' needs " +
                      (phone ? "twilio-sid, twilio-token and twilio-from" : "resend-key and resend-from"));
    out.emergency_contacts.push_back({phone ? "sms" : "email", std::move(each)});
  }
  return {};
}

std::string reach(const std::string& url, bool& well) {
  outbox::http_limits limits;
  limits.total_max = std::chrono::seconds(5);
  outbox::http_request request;
  request.method = outbox::http_request::verb::get;
  request.url = url;
  const auto answer = outbox::http_client(outbox::egress_policy::unrestricted(), limits).send(request);
  if (answer.failure == outbox::http_failure::none) return url + " answers";
  well = false;
  return url + " does not answer: " + answer.detail;
}

}  // namespace

domain::result<outgoing_settings> read_outgoing(const setting_values& values) {
  outgoing_settings out;
  if (auto read = read_networks(text_of(values, "webhook-allow-private"), out.webhooks); !read)
    return std::unexpected(read.error());
  auto key = secret_of(values, "resend-key");
  if (!key) return std::unexpected(key.error());
  if (!key->empty()) {
    out.email.emplace();
    out.email->base_url = text_of(values, "resend-url");
    out.email->api_key = *key;
    out.email->from = text_of(values, "resend-from");
    if (auto ok = try_out(outbox::make_email_channel, *out.email); !ok) return std::unexpected(ok.error());
  }
  auto token = secret_of(values, "twilio-token");
  if (!token) return std::unexpected(token.error());
  if (!token->empty()) {
    out.sms.emplace();
    out.sms->base_url = text_of(values, "twilio-url");
    out.sms->account_sid = text_of(values, "twilio-sid");
    out.sms->auth_token = *token;
    out.sms->from = text_of(values, "twilio-from");
    if (auto ok = try_out(outbox::make_sms_channel, *out.sms); !ok) return std::unexpected(ok.error());
  }
  if (auto read = read_contacts(values, out); !read) return std::unexpected(read.error());
  return out;
}

outbox::channel_set make_channels(const outgoing_settings& settings, const domain::clock_port& clock) {
  outbox::channel_set out;
  out["log"] = outbox::make_log_channel();
  out["webhook"] = outbox::make_webhook_channel({settings.webhooks, {}}, clock);
  if (settings.email) out["email"] = outbox::make_email_channel(*settings.email);
  if (settings.sms) out["sms"] = outbox::make_sms_channel(*settings.sms);
  return out;
}

domain::result<void> webhook_rules::check_url(std::string_view url) const { return outbox::check_url(url, policy_); }

std::string webhook_rules::new_secret() const { return outbox::format_secret(outbox::new_secret()); }

domain::result<std::string> webhook_rules::parse_secret(std::string_view text) const {
  return outbox::parse_secret(text);
}

outgoing_finding examine_outgoing(const outgoing_settings& settings) {
  outgoing_finding out;
  out.words = settings.webhooks.exceptions.empty() ? "log; webhooks to public addresses over https"
                                                   : "log; webhooks, to some private networks too";
  out.words += settings.email ? "; email: " + reach(settings.email->base_url, out.well) : "; no email";
  out.words += settings.sms ? "; sms: " + reach(settings.sms->base_url, out.well) : "; no sms";
  return out;
}

}  // namespace usher::app
