#include "net/list_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "domain/desk_event.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

namespace {

constexpr std::array<std::string_view, 18> ticket_names{"status",
                                                        "priority",
                                                        "category",
                                                        "urgency",
                                                        "tier",
                                                        "assignee_id",
                                                        "organization_id",
                                                        "escalation_level",
                                                        "tag",
                                                        "created_after",
                                                        "created_before",
                                                        "wedding_after",
                                                        "wedding_before",
                                                        "sla",
                                                        "q",
                                                        "sort",
                                                        "limit",
                                                        "cursor"};
constexpr std::array<std::string_view, 2> page_names{"limit", "cursor"};
constexpr std::array<std::string_view, 4> delivery_names{"state", "event", "limit", "cursor"};
constexpr std::array<std::string_view, 5> alert_names{"kind", "level", "acknowledged", "limit", "cursor"};
constexpr std::array<std::string_view, 5> article_names{"published", "category", "language", "limit", "cursor"};
constexpr std::array<std::string_view, 2> article_search_names{"q", "limit"};
constexpr std::array<std::string_view, 2> event_names{"types", "ticket_id"};
constexpr std::array<std::string_view, 4> snapshot_names{"from", "to", "limit", "cursor"};
constexpr std::array<std::string_view, 5> audit_names{"action", "actor", "organization_id", "limit", "cursor"};
constexpr std::array<std::string_view, 3> analytics_names{"from", "to", "group_by"};
constexpr std::array<std::string_view, 5> analytics_groups{"tier", "priority", "category", "agent", "day"};
constexpr domain::milliseconds analytics_span_default = std::chrono::days{30};
constexpr domain::milliseconds analytics_span_max = std::chrono::days{732};
constexpr std::array<std::string_view, 5> escalation_names{"state", "level", "ticket_id", "limit", "cursor"};

/// Alternatives that one filter takes.
constexpr std::size_t values_max = 50;

std::optional<int> parse_number(std::string_view text, int least, int most) noexcept {
  int out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc() || end != text.data() + text.size() || out < least || out > most) return std::nullopt;
  return out;
}

std::optional<int> parse_level(std::string_view text) noexcept { return parse_number(text, 0, 999); }

std::optional<std::string> parse_tag(std::string_view text) {
  if (text.empty() || text.size() > 4 * domain::tag_characters_max) return std::nullopt;
  return std::string(text);
}

bool is_truth(std::string_view text) noexcept { return text == "true" || text == "false"; }
bool is_short(std::string_view text) noexcept { return !text.empty() && text.size() <= 64; }

/// Reads values and notes the first that is bad.
class reader {
 public:
  explicit reader(const request& in) : in_(in) {}

  template <class T, class Parse>
  void many(std::string_view name, std::vector<T>& out, Parse parse) {
    const auto* text = in_.find_parameter(name);
    if (text == nullptr) return;
    std::string_view rest = *text;
    while (true) {
      const auto comma = rest.find(',');
      auto value = parse(rest.substr(0, comma));
      if (!value || out.size() == values_max) return refuse(name);
      out.push_back(std::move(*value));
      if (comma == std::string_view::npos) return;
      rest.remove_prefix(comma + 1);
    }
  }

  /// A filter of records: words that `fits` takes.
  template <class Fits>
  void filter(std::string_view name, domain::record_query& out, Fits fits) {
    std::vector<std::string> values;
    many(name, values, [&](std::string_view text) -> std::optional<std::string> {
      if (!fits(text)) return std::nullopt;
      return std::string(text);
    });
    if (!values.empty()) out.filters.push_back({std::string(name), std::move(values)});
  }

  void instant(std::string_view name, std::optional<domain::instant>& out) {
    const auto* text = in_.find_parameter(name);
    if (text == nullptr) return;
    // The plus of an offset, sent as it is, has been decoded as a space.
    std::string exact = *text;
    std::ranges::replace(exact, ' ', '+');
    out = domain::parse_rfc3339(exact);
    if (!out) refuse(name);
  }

  void sort(domain::ticket_query& out) {
    const auto* text = in_.find_parameter("sort");
    if (text == nullptr) {
      if (!out.text.empty()) out.sort = domain::ticket_sort::relevance;
      return;
    }
    std::string_view word = *text;
    out.descending = word.starts_with('-');
    if (out.descending) word.remove_prefix(1);
    using domain::ticket_sort;
    if (word == "created_at")
      out.sort = ticket_sort::created_at;
    else if (word == "due_at")
      out.sort = ticket_sort::due_at;
    else if (word == "priority")
      out.sort = ticket_sort::priority;
    else if (word == "wedding")
      out.sort = ticket_sort::wedding;
    else
      refuse("sort");
  }

  void words(std::string& out) {
    const auto* text = in_.find_parameter("q");
    if (text == nullptr) return;
    const auto size = count_characters(*text);
    size == 0 || size > domain::query_characters_max ? refuse("q") : void(out = *text);
  }

  void page(int& limit, std::string& cursor) {
    if (const auto* text = in_.find_parameter("limit")) {
      const auto number = parse_number(*text, 1, domain::page_limit_max);
      number ? void(limit = *number) : refuse("limit");
    }
    if (const auto* text = in_.find_parameter("cursor")) {
      text->empty() || text->size() > cursor_characters_max ? refuse("cursor") : void(cursor = *text);
    }
  }

  [[nodiscard]] const std::optional<refusal>& bad() const noexcept { return bad_; }

  void refuse(std::string_view name) {
    if (bad_) return;
    bad_.emplace();
    bad_->code = "bad_parameter";
    bad_->detail = "The value of the parameter " + std::string(name) + " is not acceptable.";
  }

 private:
  const request& in_;
  std::optional<refusal> bad_;
};

}  // namespace

std::span<const std::string_view> ticket_parameters() noexcept { return ticket_names; }
std::span<const std::string_view> page_parameters() noexcept { return page_names; }

std::expected<domain::ticket_query, refusal> read_ticket_query(const request& in,
                                                               const domain::desk_settings& settings) {
  domain::ticket_query out;
  reader r(in);
  r.many("status", out.status, domain::parse_ticket_status);
  r.many("priority", out.priorities, domain::parse_priority);
  r.many("category", out.categories, [&settings](std::string_view text) -> std::optional<std::string> {
    if (!settings.categories.contains(text)) return std::nullopt;
    return std::string(text);
  });
  r.many("urgency", out.urgencies, domain::parse_urgency);
  r.many("tier", out.tiers, domain::parse_tier);
  r.many("assignee_id", out.assignee_ids, [&in](std::string_view text) -> std::optional<std::string> {
    if (text == "none") return std::string();
    if (text == "me") return in.caller->sub;
    if (text.empty() || text.size() > domain::user_id_bytes_max) return std::nullopt;
    return std::string(text);
  });
  r.many("organization_id", out.organizations, domain::organization_id::parse);
  r.many("escalation_level", out.escalation_levels, parse_level);
  r.many("sla", out.sla, domain::parse_sla_filter);
  r.words(out.text);
  r.many("tag", out.tags, parse_tag);
  r.instant("created_after", out.created_after);
  r.instant("created_before", out.created_before);
  r.instant("wedding_after", out.wedding_after);
  r.instant("wedding_before", out.wedding_before);
  r.sort(out);
  r.page(out.limit, out.cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::span<const std::string_view> alert_parameters() noexcept { return alert_names; }

std::expected<domain::record_query, refusal> read_alert_query(const request& in) {
  domain::record_query out;
  out.kind = domain::record_kind::alerts;
  reader r(in);
  r.filter("kind", out, is_short);
  r.filter("level", out,
           [](std::string_view text) { return text == "info" || text == "warning" || text == "critical"; });
  r.filter("acknowledged", out, is_truth);
  r.page(out.limit, out.cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::span<const std::string_view> delivery_parameters() noexcept { return delivery_names; }

std::expected<domain::record_query, refusal> read_delivery_query(const request& in) {
  domain::record_query out;
  out.kind = domain::record_kind::deliveries;
  reader r(in);
  r.filter("state", out,
           [](std::string_view text) { return text == "pending" || text == "delivered" || text == "given_up"; });
  r.filter("event", out, [](std::string_view text) { return domain::parse_event_type(text).has_value(); });
  r.page(out.limit, out.cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::span<const std::string_view> article_parameters() noexcept { return article_names; }
std::span<const std::string_view> article_search_parameters() noexcept { return article_search_names; }

std::expected<domain::record_query, refusal> read_article_query(const request& in, bool with_drafts) {
  domain::record_query out;
  out.kind = domain::record_kind::kb_articles;
  reader r(in);
  r.filter("published", out, is_truth);
  // Drafts are not there for customers, so that asking for them finds nothing.
  if (!with_drafts && out.filters.empty()) out.filters.push_back({"published", {"true"}});
  if (!with_drafts) std::erase(out.filters.front().any_of, "false");
  if (out.filters.size() == 1 && out.filters.front().any_of.empty()) out.filters.front().any_of = {"nothing"};
  r.filter("category", out, is_short);
  r.filter("language", out, is_short);
  r.page(out.limit, out.cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::expected<domain::record_query, refusal> read_article_search(const request& in, bool with_drafts) {
  domain::record_query out;
  out.kind = domain::record_kind::kb_search;
  reader r(in);
  std::string words;
  r.words(words);
  if (words.empty()) r.refuse("q");
  out.filters.push_back({"q", {std::move(words)}});
  if (!with_drafts) out.filters.push_back({"published", {"true"}});
  std::string cursor;
  r.page(out.limit, cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::span<const std::string_view> event_parameters() noexcept { return event_names; }

std::expected<event_filter, refusal> read_event_filter(const request& in) {
  event_filter out;
  reader r(in);
  r.many("types", out.types, domain::parse_event_type);
  if (const auto* text = in.find_parameter("ticket_id")) {
    out.ticket = domain::ticket_id::parse(*text);
    if (!out.ticket) r.refuse("ticket_id");
  }
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::span<const std::string_view> audit_parameters() noexcept { return audit_names; }

std::expected<domain::record_query, refusal> read_audit_query(const request& in) {
  domain::record_query out;
  out.kind = domain::record_kind::audit;
  if (in.caller->organization) out.parent = in.caller->organization->value;
  reader r(in);
  r.filter("action", out, is_short);
  r.filter("actor", out,
           [](std::string_view text) { return !text.empty() && text.size() <= domain::user_id_bytes_max; });
  if (const auto* text = in.find_parameter("organization_id")) {
    out.parent = domain::parse_uuid(*text);
    if (!out.parent) r.refuse("organization_id");
  }
  r.page(out.limit, out.cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::span<const std::string_view> snapshot_parameters() noexcept { return snapshot_names; }

std::expected<domain::record_query, refusal> read_snapshot_query(const request& in) {
  domain::record_query out;
  out.kind = domain::record_kind::snapshots;
  reader r(in);
  for (std::string_view name : {"from", "to"}) {
    std::optional<domain::instant> at;
    r.instant(name, at);
    if (at) out.filters.push_back({std::string(name), {domain::format_rfc3339(*at)}});
  }
  r.page(out.limit, out.cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::span<const std::string_view> analytics_parameters() noexcept { return analytics_names; }

std::expected<domain::record_query, refusal> read_analytics_query(const request& in, domain::instant now) {
  domain::record_query out;
  out.kind = domain::record_kind::analytics;
  reader r(in);
  std::optional<domain::instant> from;
  std::optional<domain::instant> to;
  r.instant("from", from);
  r.instant("to", to);
  r.filter("group_by", out, [](std::string_view text) { return std::ranges::count(analytics_groups, text) > 0; });
  if (!out.filters.empty() && out.filters.front().any_of.size() > 1) r.refuse("group_by");
  if (!to) to = std::max(now, from.value_or(now));
  if (!from) from = *to - analytics_span_default;
  if (*from > *to || *to - *from > analytics_span_max) r.refuse("from");
  if (r.bad()) return std::unexpected(*r.bad());
  for (const auto& [name, at] : {std::pair{"from", *from}, std::pair{"to", *to}}) {
    out.filters.push_back({name, {std::string()}});
    domain::append_rfc3339(out.filters.back().any_of.front(), at);
  }
  return out;
}

std::span<const std::string_view> escalation_parameters() noexcept { return escalation_names; }

std::expected<domain::record_query, refusal> read_escalation_query(const request& in) {
  domain::record_query out;
  out.kind = domain::record_kind::escalations;
  reader r(in);
  std::vector<std::string> states;
  r.many("state", states, [](std::string_view text) -> std::optional<std::string> {
    if (!domain::parse_escalation_state(text)) return std::nullopt;
    return std::string(text);
  });
  std::vector<std::string> levels;
  r.many("level", levels, [](std::string_view text) -> std::optional<std::string> {
    auto level = parse_level(text);
    if (!level || !domain::is_level(*level)) return std::nullopt;
    return std::string(text);
  });
  std::vector<domain::ticket_id> tickets;
  r.many("ticket_id", tickets, domain::ticket_id::parse);
  if (tickets.size() > 1) r.refuse("ticket_id");
  if (!tickets.empty()) out.parent = tickets.front().value;
  if (!states.empty()) out.filters.push_back({"state", std::move(states)});
  if (!levels.empty()) out.filters.push_back({"level", std::move(levels)});
  r.page(out.limit, out.cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

std::expected<page_query, refusal> read_page_query(const request& in) {
  page_query out;
  reader r(in);
  r.page(out.limit, out.cursor);
  if (r.bad()) return std::unexpected(*r.bad());
  return out;
}

void add_next_link(response& out, const request& in, std::string_view cursor) {
  if (cursor.empty()) return;
  std::string link = "<";
  link += in.path;
  link += '?';
  for (const auto& p : in.parameters) {
    if (p.name == "cursor") continue;
    append_percent_encoded(link, p.name);
    link += '=';
    append_percent_encoded(link, p.value);
    link += '&';
  }
  link += "cursor=";
  append_percent_encoded(link, cursor);
  link += ">; rel=\"next\"";
  add_header(out, "Link", link);
}

}  // namespace usher::net
