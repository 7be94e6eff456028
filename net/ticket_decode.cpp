#include <algorithm>

#include "domain/macro.hpp"
#include "net/body_fields.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::result;

namespace {

using errors = std::vector<domain::field_error>;

bool is_email(std::string_view text) noexcept {
  const auto at = text.find('@');
  return text.size() <= domain::email_bytes_max && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

/// A string that may be null, which is as if it were not there.
std::string take_optional_text(body_fields& in, std::string_view name, std::size_t most) {
  const auto* member = in.take(name);
  if (member == nullptr || member->type == json_type::null) return {};
  return in.take_text(name, 0, most).value_or("");
}

std::optional<domain::instant> wedding_instant(body_fields& in, std::string_view at, const std::string& zone) {
  if (const auto with_offset = domain::parse_rfc3339(at)) return with_offset;
  const auto local = domain::parse_local_time(at);
  if (!local) {
    in.add("at", "has to be a date and time of the years 2000 to 2100");
    return std::nullopt;
  }
  if (zone.empty()) {
    in.add("at", "needs an offset, or a time_zone beside it");
    return std::nullopt;
  }
  auto out = domain::to_instant(*local, zone);
  if (!out) in.add("at", "does not exist in this time zone: the clocks skip it");
  return out;
}

std::optional<domain::wedding> read_wedding(const json_value& value, std::string pointer, errors& wrong) {
  body_fields in(value, std::move(pointer), wrong);
  const auto before = wrong.size();
  const auto at = in.take_text("at", 1, 64, true);
  domain::wedding out;
  out.time_zone = take_optional_text(in, "time_zone", 64);
  out.venue = take_optional_text(in, "venue", domain::name_characters_max);
  in.refuse_the_rest();
  if (!out.time_zone.empty() && !domain::is_time_zone(out.time_zone)) {
    in.add("time_zone", "is not an IANA time zone");
    return std::nullopt;
  }
  if (!at || wrong.size() > before) return std::nullopt;
  const auto instant = wedding_instant(in, *at, out.time_zone);
  if (!instant) return std::nullopt;
  out.at = *instant;
  return out;
}

std::optional<domain::contact> read_contact(const json_value& value, std::string pointer, errors& wrong) {
  body_fields in(value, std::move(pointer), wrong);
  domain::contact out;
  out.name = in.take_text("name", 1, domain::name_characters_max).value_or("");
  out.email = in.take_text("email", 1, domain::email_bytes_max).value_or("");
  if (!out.email.empty() && !is_email(out.email)) in.add("email", "is not an e-mail address");
  in.refuse_the_rest();
  return out;
}

std::vector<std::string> read_tags(const json_value& value, body_fields& in) {
  std::vector<std::string> out;
  if (value.type != json_type::array) {
    in.add("tags", "has to be a list of strings");
    return out;
  }
  std::size_t index = 0;
  for (const auto& tag : value) {
    const auto size = tag.type == json_type::string ? count_characters(tag.text) : 0;
    if (size < 1 || size > domain::tag_characters_max)
      in.add_at("tags", index, "has to be a string of 1 to 40 characters");
    else if (std::ranges::find(out, tag.text) == out.end())
      out.emplace_back(tag.text);
    ++index;
  }
  if (index > domain::tags_max) in.add("tags", "has to have at most 20 tags");
  return out;
}

/// The fields that a creation and a merge have in common are checked alike.
template <class Command>
void read_category(body_fields& in, Command& out) {
  // Whether there is such a category is for the desk's settings to say.
  if (auto category = in.take_text("category", 1, 64)) out.category = std::move(category);
}

void read_custom_fields(body_fields& in, std::string& out) {
  const auto* fields = in.take("custom_fields");
  if (fields == nullptr) return;
  if (fields->type != json_type::object) return in.add("custom_fields", "has to be an object");
  if (fields->span == 1) return;
  append_json(out, *fields);
  if (out.size() > domain::custom_fields_bytes_max) in.add("custom_fields", "is larger than 2048 bytes");
}

void read_custom_fields(body_fields& in, domain::update_ticket& out) {
  const auto* fields = in.take("custom_fields");
  if (fields == nullptr) return;
  if (fields->type != json_type::object) return in.add("custom_fields", "has to be an object");
  auto& members = out.custom_fields.emplace();
  std::size_t size = 0;
  for (const auto& member : *fields) {
    auto& [name, text] = members.emplace_back(std::string(member.key), std::string());
    append_json(text, member);
    size += name.size() + text.size();
  }
  if (size > domain::custom_fields_bytes_max) in.add("custom_fields", "is larger than 2048 bytes");
}

/// The fields of a merge, whatever object they stand in.
domain::update_ticket read_update(body_fields& in, errors& wrong) {
  domain::update_ticket out;
  out.subject = in.take_text("subject", 1, domain::subject_characters_max);
  out.body = in.take_text("body", 1, domain::body_characters_max);
  out.status = in.take_word("status", domain::parse_ticket_status);
  out.priority = in.take_word("priority", domain::parse_priority);
  read_category(in, out);
  if (const auto* tags = in.take("tags"))
    out.tags = tags->type == json_type::null ? std::vector<std::string>() : read_tags(*tags, in);
  read_custom_fields(in, out);
  if (const auto* wedding = in.take("wedding")) {
    if (wedding->type == json_type::null)
      out.wedding.emplace(std::nullopt);
    else
      out.wedding = read_wedding(*wedding, in.pointer_to("wedding"), wrong);
  }
  if (const auto* assignee = in.take("assignee_id")) {
    if (assignee->type == json_type::null)
      out.assignee_id.emplace();
    else
      out.assignee_id = in.take_text("assignee_id", 1, domain::user_id_bytes_max);
  }
  return out;
}

void read_ids(const json_value& value, body_fields& in, std::vector<domain::ticket_id>& out) {
  if (value.type != json_type::array) return in.add("ids", "has to be a list of ids");
  std::size_t index = 0;
  for (const auto& element : value) {
    const auto id = element.type == json_type::string ? domain::ticket_id::parse(element.text) : std::nullopt;
    if (!id)
      in.add_at("ids", index, "is not the id of a ticket");
    else if (std::ranges::find(out, *id) == out.end())
      out.push_back(*id);
    ++index;
  }
  if (index < 1 || index > bulk_ids_max) in.add("ids", "has to have 1 to 100 ids");
}

template <class T>
result<T> finish(body_fields& in, errors& wrong, T out) {
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

}  // namespace

std::size_t count_characters(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

result<create_body> decode_create(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  create_body out;
  auto& command = out.command;
  command.subject = in.take_text("subject", 1, domain::subject_characters_max, true).value_or("");
  command.body = in.take_text("body", 1, domain::body_characters_max, true).value_or("");
  command.via = in.take_word("channel", domain::parse_channel).value_or(domain::channel::web);
  command.priority = in.take_word("priority", domain::parse_priority);
  read_category(in, command);
  if (const auto* tags = in.take("tags")) command.tags = read_tags(*tags, in);
  read_custom_fields(in, command.custom_fields);
  if (const auto* wedding = in.take("wedding"))
    command.wedding = read_wedding(*wedding, in.pointer_to("wedding"), wrong);
  if (const auto* requester = in.take("requester"))
    command.requester = read_contact(*requester, in.pointer_to("requester"), wrong);
  if (const auto id = in.take_text("organization_id", 1, 64)) {
    out.organization = domain::organization_id::parse(*id);
    if (!out.organization) in.add("organization_id", "is not a UUID");
  }
  return finish(in, wrong, std::move(out));
}

result<domain::update_ticket> decode_update(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  auto out = read_update(in, wrong);
  return finish(in, wrong, std::move(out));
}

result<domain::merge_ticket> decode_merge(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::merge_ticket out;
  if (const auto text = in.take_text("into", 1, 64, true)) {
    if (const auto id = domain::ticket_id::parse(*text))
      out.into = *id;
    else
      in.add("into", "is not the id of a ticket");
  }
  return finish(in, wrong, std::move(out));
}

result<domain::escalate_ticket> decode_escalate(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::escalate_ticket out;
  if (const auto* level = in.take("level"); level != nullptr && level->type != json_type::null) {
    if (level->type != json_type::number || !level->integral || !domain::is_level(level->integer))
      in.add("level", "has to be 1, 2, 3, 4 or 999");
    else
      out.level = static_cast<int>(level->integer);
  }
  out.reason = in.take_text("reason", 0, reason_characters_max).value_or("");
  return finish(in, wrong, std::move(out));
}

result<categorize_body> decode_categorize(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  categorize_body out;
  const auto* ticket = in.take("ticket_id");
  bool of_text = ticket == nullptr;
  if (!of_text) {
    const auto id = in.take_text("ticket_id", 1, 64);
    if (id) out.ticket = domain::ticket_id::parse(*id);
    if (id && !out.ticket) in.add("ticket_id", "is not the id of a ticket");
  }
  out.subject = in.take_text("subject", of_text ? 1 : 0, domain::subject_characters_max, of_text).value_or("");
  out.body = in.take_text("body", of_text ? 1 : 0, domain::body_characters_max, of_text).value_or("");
  if (const auto* wedding = in.take("wedding"); wedding != nullptr && wedding->type != json_type::null)
    out.wedding = read_wedding(*wedding, in.pointer_to("wedding"), wrong);
  std::ignore = in.take_word("tier", domain::parse_tier);
  return finish(in, wrong, std::move(out));
}

result<bulk_body> decode_bulk(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  bulk_body out;
  const auto* ids = in.take("ids");
  if (ids == nullptr && body.type == json_type::object) in.missing("ids");
  if (ids != nullptr) read_ids(*ids, in, out.ids);
  const auto* set = in.take("set");
  if (set == nullptr && body.type == json_type::object) in.missing("set");
  if (set != nullptr) {
    body_fields inner(*set, "/set", wrong);
    out.set = read_update(inner, wrong);
    inner.refuse_the_rest();
  }
  return finish(in, wrong, std::move(out));
}

result<domain::macro> decode_macro(const json_value& body, domain::macro what, bool is_new) {
  errors wrong;
  body_fields in(body, "", wrong);
  if (auto name = in.take_text("name", 1, macro_name_characters_max, is_new)) what.name = std::move(*name);
  if (const auto* set = in.take("set")) {
    body_fields inner(*set, "/set", wrong);
    std::ignore = read_update(inner, wrong);
    inner.refuse_the_rest();
    what.changes.clear();
    append_json(what.changes, *set);
  }
  if (const auto* reply = in.take("reply"); reply != nullptr && reply->type == json_type::null) {
    what.reply.reset();
  } else if (reply != nullptr) {
    what.reply = in.take_text("reply", 1, domain::body_characters_max);
    for (const auto& word : domain::unknown_placeholders(what.reply.value_or("")))
      in.add("reply", "has a placeholder that is not known: " + word);
  }
  if (wrong.empty() && what.changes == "{}" && !what.reply) in.add("set", "or a reply is needed");
  return finish(in, wrong, std::move(what));
}

result<domain::macro_id> decode_macro_use(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::macro_id out;
  if (const auto text = in.take_text("macro_id", 1, 64, true)) {
    if (const auto id = domain::macro_id::parse(*text))
      out = *id;
    else
      in.add("macro_id", "is not the id of a macro");
  }
  return finish(in, wrong, out);
}

result<domain::add_message> decode_message(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::add_message out;
  out.body = in.take_text("body", 1, domain::body_characters_max, true).value_or("");
  out.visible = in.take_word("visibility", domain::parse_visibility);
  return finish(in, wrong, std::move(out));
}

result<domain::assign_ticket> decode_assign(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::assign_ticket out;
  const auto* agent = in.take("agent_id");
  const auto* automatic = in.take("auto");
  if (automatic != nullptr) {
    if (automatic->type != json_type::boolean || !automatic->truth) in.add("auto", "has to be true");
    if (agent != nullptr) in.add("auto", "can't be sent together with agent_id");
    out.automatic = true;
  } else if (agent == nullptr) {
    if (body.type == json_type::object) in.missing("agent_id");
  } else if (agent->type != json_type::null) {
    out.agent_id = in.take_text("agent_id", 1, domain::user_id_bytes_max).value_or("");
  }
  return finish(in, wrong, std::move(out));
}

result<domain::rate_ticket> decode_rating(const json_value& body) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::rate_ticket out;
  const auto* score = in.take("score");
  bool fits = score != nullptr && score->type == json_type::number && score->integral && score->integer >= 1 &&
              score->integer <= domain::best_score;
  if (fits)
    out.score = static_cast<int>(score->integer);
  else if (score != nullptr)
    in.add("score", "has to be a whole number from 1 to 5");
  else if (body.type == json_type::object)
    in.missing("score");
  if (const auto* comment = in.take("comment"); comment != nullptr && comment->type != json_type::null)
    out.comment = in.take_text("comment", 0, domain::comment_characters_max).value_or("");
  return finish(in, wrong, std::move(out));
}

result<domain::organization> decode_organization(const json_value& body, domain::organization_id id) {
  errors wrong;
  body_fields in(body, "", wrong);
  domain::organization out;
  out.id = id;
  out.name = in.take_text("name", 1, domain::name_characters_max, true).value_or("");
  out.tier = in.take_word("tier", domain::parse_tier, true).value_or(domain::tier::free);
  if (auto zone = in.take_text("time_zone", 1, 64)) {
    if (domain::is_time_zone(*zone))
      out.time_zone = std::move(*zone);
    else
      in.add("time_zone", "is not an IANA time zone");
  }
  return finish(in, wrong, std::move(out));
}

}  // namespace usher::net
