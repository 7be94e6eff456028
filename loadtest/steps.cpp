#include "loadtest/steps.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "domain/json_writer.hpp"
#include "loadtest/url.hpp"

namespace usher::load {

namespace {

constexpr const char* tickets_path = "/api/support/tickets";

template <class Fill>
std::string object(Fill fill) {
  std::string body;
  domain::json_writer w(body);
  w.begin_object();
  fill(w);
  w.end_object();
  return body;
}

template <class List>
const auto& one_of(const List& list, lots& by) {
  return list[by.index(list.size())];
}

/// When the wedding of a new ticket is; empty: it has none. Days ahead are dealt so that near ones are likelier.
std::string wedding_at(const wedding_plan& plan, lots& by) {
  if (by.share() >= plan.share) return {};
  double ahead = by.share() < plan.today ? -7200 + by.share() * 12 * 3600
                                         : in_seconds(plan.spread) * std::pow(by.share(), 2) + 12 * 3600;
  auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return domain::format_rfc3339(now + std::chrono::milliseconds{std::llround(ahead * 1e3)});
}

std::string creation(const stage_props& props, traveller& who) {
  constexpr std::array<std::string_view, 8> channels{"web", "web", "web", "email", "email", "chat", "phone", "api"};
  const auto& text = props.texts.draw(who.plan->category, who.luck);
  auto wedding = wedding_at(props.what.weddings, who.luck);
  return object([&](auto& w) {
    w.member("subject", text.subject);
    w.member("body", text.body);
    w.member("channel", one_of(channels, who.luck));
    if (!wedding.empty()) {
      w.key("wedding");
      w.begin_object();
      w.member("at", wedding);
      w.end_object();
    }
    w.key("custom_fields");
    w.begin_object();
    w.member("load_run", props.run_id);
    w.end_object();
  });
}

std::string message(std::string_view text, std::string_view visibility) {
  return object([&](auto& w) {
    w.member("body", text);
    w.member("visibility", visibility);
  });
}

std::string said_by_customer(lots& by) {
  static constexpr std::array<std::string_view, 6> lines{
      "Any news? The planner keeps asking me.",
      "I tried it again just now in another browser: the same.",
      "Merci ! Encore une chose : c'est pour 120 personnes.",
      "It works for the first table and for no other.",
      "¿Podéis mirarlo hoy, por favor? La prueba es a las cinco.",
      "Thank you, that was quick. One more question about the guest list."};
  return std::string(one_of(lines, by));
}

std::string said_by_staff(lots& by) {
  static constexpr std::array<std::string_view, 5> lines{
      "Thank you for writing. We see it too and are looking into it right now.",
      "Could you tell us which browser that was, and about what time?",
      "It is mended. Please reload the page, then it shows.",
      "We have asked the vendor and will write again within the hour.",
      "The list has been restored from last night; please look through it once."};
  return std::string(one_of(lines, by));
}

/// A word to search for: one of a posted ticket's subject.
std::string search_word(const stage_props& props, traveller& who) {
  const auto& subject = props.texts.draw(who.plan->category, who.luck).subject;
  std::vector<std::string> words;
  std::string word;
  for (char c : subject + " ") {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      word += c;
      continue;
    }
    if (word.size() > 3) words.push_back(word);
    word.clear();
  }
  return words.empty() ? "wedding" : one_of(words, who.luck);
}

std::string list_query(const journey_step& step, const traveller& who, lots& by) {
  static const std::vector<std::string> customer{"limit=25", "status=open", "sort=-created_at&limit=10"};
  static const std::vector<std::string> agent{"status=open&sort=due_at", "assignee_id=me&status=open,pending",
                                              "assignee_id=none&status=open&sort=-priority", "priority=critical,high"};
  static const std::vector<std::string> supervisor{"sla=at_risk&sort=due_at", "sla=breached&sort=due_at",
                                                   "urgency=emergency", "tier=ENTERPRISE&status=open&sort=due_at"};
  if (!step.words.empty()) return one_of(step.words, by);
  if (who.plan->who == role::customer) return one_of(customer, by);
  return one_of(who.plan->who == role::agent ? agent : supervisor, by);
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

wire_request own_request(const stage_props& props, const journey_step& step, const traveller& who) {
  auto number = std::to_string(who.number) + "-" + std::to_string(who.requests);
  auto filled = [&](const std::string& text) {
    auto out = replaced(replaced(text, "{n}", number), "{run}", props.run_id);
    return who.ticket ? replaced(std::move(out), "{ticket}", domain::to_string(who.ticket_id)) : out;
  };
  return {step.method, filled(step.target), {}, {}, filled(step.body)};
}

/// Requests about the ticket in hand.
wire_request about_ticket(const journey_step& step, traveller& who) {
  auto path = tickets_path + ("/" + domain::to_string(who.ticket_id));
  switch (step.kind) {
    case action::thread:
      return {"GET", path + "/messages?limit=100", {}, {}, {}};
    case action::sla:
      return {"GET", path + "/sla", {}, {}, {}};
    case action::history:
      return {"GET", path + "/history", {}, {}, {}};
    case action::message:
      return {"POST", path + "/messages", {}, {}, message(said_by_customer(who.luck), "public")};
    case action::reply:
      return {"POST", path + "/messages", {}, {}, message(said_by_staff(who.luck), "public")};
    case action::note:
      return {"POST", path + "/messages", {}, {}, message("Seen before; see the runbook.", "internal")};
    case action::assign:
      return {"PUT", path + "/assign", {}, {}, object([&](auto& w) { w.member("agent_id", who.person->sub); })};
    case action::status:
      return {"PATCH", path, {}, {}, object([&](auto& w) { w.member("status", one_of(step.words, who.luck)); })};
    case action::escalate:
      return {"POST", path + "/escalate", {}, {}, object([](auto& w) { w.member("reason", "The customer insists."); })};
    case action::acknowledge:
      return {"POST", path + "/acknowledge", {}, {}, "{}"};
    case action::csat:
      return {"POST", path + "/csat", {}, {}, object([&](auto& w) { w.member("score", 1 + who.luck.index(5)); })};
    default:
      return {"GET", path, {}, {}, {}};
  }
}

wire_request about_the_desk(const stage_props& props, const journey_step& step, traveller& who) {
  switch (step.kind) {
    case action::create:
      return {"POST", tickets_path, {}, {}, creation(props, who)};
    case action::search:
      return {"GET", tickets_path + ("?q=" + escaped(search_word(props, who))), {}, {}, {}};
    case action::analytics:
      return {"GET", "/api/support/analytics", {}, {}, {}};
    case action::escalations:
      return {"GET", "/api/support/escalation?state=fired", {}, {}, {}};
    case action::alerts:
      return {"GET", "/api/support/alerts", {}, {}, {}};
    case action::snapshots:
      return {"GET", "/api/support/snapshots", {}, {}, {}};
    case action::events:
      return {"GET", "/api/support/events", {}, {}, {}};
    case action::categorize: {
      const auto& text = props.texts.draw(who.plan->category, who.luck);
      return {"POST", "/api/support/ai/categorize", {}, {}, object([&](auto& w) {
                w.member("subject", text.subject);
                w.member("body", text.body);
              })};
    }
    default:
      return {"GET", tickets_path + ("?" + list_query(step, who, who.luck)), {}, {}, {}};
  }
}

}  // namespace

const step_rule& rule_of(action kind) {
  static const std::array<step_rule, actions> rules{{
      {{201}, false, false},    {{200}, true, false},      {{200}, true, false},      {{200}, true, true},
      {{200}, true, true},      {{201, 409}, true, false}, {{201, 409}, true, false}, {{201, 409}, true, false},
      {{200}, false, false},    {{200}, false, true},      {{200}, true, false},      {{200, 409}, true, false},
      {{200, 409}, true, true}, {{200, 409}, true, true},  {{200, 409}, true, true},  {{200}, false, true},
      {{200}, false, true},     {{200}, false, true},      {{200}, false, true},      {{200}, false, true},
      {{200}, false, true},     {{200}, false, false},
  }};
  return rules[static_cast<std::size_t>(kind)];
}

ticket_texts::ticket_texts(std::vector<labelled_ticket> all) : all_(std::move(all)) {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    by_category_[""].push_back(i);
    if (!all_[i].category.empty()) by_category_[all_[i].category].push_back(i);
  }
}

const labelled_ticket& ticket_texts::draw(const std::string& category, lots& by) const {
  return all_[one_of(by_category_.at(category), by)];
}

wire_request make_request(const stage_props& props, const journey_step& step, traveller& who) {
  auto out = step.kind == action::request      ? own_request(props, step, who)
             : rule_of(step.kind).needs_ticket ? about_ticket(step, who)
                                               : about_the_desk(props, step, who);
  if (who.person != nullptr) out.token = who.person->token;
  if (out.method == "POST")
    out.key = props.run_id + "-" + std::to_string(who.number) + "-" + std::to_string(who.requests);
  ++who.requests;
  return out;
}

}  // namespace usher::load
