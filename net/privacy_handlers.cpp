// Exporting and erasing what is held about a person, and how long things are kept.
#include <array>

#include "domain/phrase.hpp"
#include "net/body_fields.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"

namespace usher::net {

using domain::errc;
using domain::error;
using domain::personal_subject;
using domain::result;
using domain::subject_kind;

namespace {

constexpr std::size_t user_id_bytes_max = 128;
constexpr std::size_t rules_max = 200;
constexpr std::size_t holds_max = 1000;
constexpr std::int64_t days_max = 36'500;
/// Tickets that a confirmation may name.
constexpr std::size_t confirmed_max = 1000;

using privacy_answer = domain::privacy_answer;
using field_errors = std::vector<domain::field_error>;

bool may_be_email(std::string_view text) {
  const auto at = text.find('@');
  return text.size() <= domain::email_bytes_max && at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

/// Asks the office, and sends what it answers under `status`.
void ask(const request& in, services& with, responder to, domain::privacy_question what) {
  if (with.door.privacy == nullptr) return to.fail(error(errc::unavailable));
  with.door.privacy->ask(std::move(what), *in.caller,
                         domain::completion<privacy_answer>([to = std::move(to)](result<privacy_answer> got) mutable {
                           if (!got) return to.fail(got.error());
                           auto out = to.make(got->later ? 202 : 200);
                           if (got->later && got->id)
                             add_header(out, "Location", "/api/support/privacy/exports/" + to_string(*got->id));
                           out.body = std::move(got->body);
                           to.send(std::move(out));
                         }));
}

/// A path's id; nothing, and the request answered with 404, when it is none.
std::optional<domain::uuid> id_of(const request& in, responder& to) {
  auto id = domain::parse_uuid(in.path_parameters[0]);
  if (!id) to.fail(error(errc::not_found));
  return id;
}

void decode_subject(const json_value& member, field_errors& wrong, body_fields& in, personal_subject& out) {
  const auto before = wrong.size();
  body_fields who(member, "/subject", wrong);
  auto email = who.take_text("email", 1, domain::email_bytes_max);
  auto user = who.take_text("user_id", 1, user_id_bytes_max);
  auto phrase = who.take_text("phrase", domain::phrase_characters_min, domain::phrase_characters_max);
  who.refuse_the_rest();
  if (email && !may_be_email(*email)) who.add("email", "is not an e-mail address");
  if (phrase)
    if (const auto defect = domain::phrase_defect(*phrase)) who.add("phrase", *defect);
  if (wrong.size() == before && email.has_value() + user.has_value() + phrase.has_value() != 1)
    in.add("subject", "has to have an email, a user_id, or a phrase");
  if (email) out = {subject_kind::email, std::move(*email)};
  if (user) out = {subject_kind::user_id, std::move(*user)};
  if (phrase) out = {subject_kind::phrase, std::move(*phrase)};
}

result<domain::erase_question> decode_erasure(const json_value& body, const domain::caller& by) {
  field_errors wrong;
  body_fields in(body, "", wrong);
  domain::erase_question out;
  if (const auto* member = in.take("subject"))
    decode_subject(*member, wrong, in, out.subject);
  else
    in.missing("subject");
  if (const auto id = in.take_text("organization_id", 1, 64)) {
    out.organization = domain::organization_id::parse(*id);
    if (!out.organization)
      in.add("organization_id", "is not an id");
    else if (by.organization && *by.organization != *out.organization)
      in.add("organization_id", "there is no such organization");
  }
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

result<domain::confirm_question> decode_confirmation(const json_value& body, const domain::uuid& id) {
  field_errors wrong;
  body_fields in(body, "", wrong);
  domain::confirm_question out{id, std::nullopt};
  if (const auto* list = in.take("tickets"); list != nullptr && list->type != json_type::array) {
    in.add("tickets", "has to be an array");
  } else if (list != nullptr) {
    out.tickets.emplace();
    std::size_t index = 0;
    for (const auto& element : *list) {
      if (index == confirmed_max) {
        in.add("tickets", "has too many elements");
        break;
      }
      const auto ticket = element.type == json_type::string ? domain::parse_uuid(element.text) : std::nullopt;
      if (!ticket) in.add_at("tickets", index, "is not an id");
      out.tickets->push_back(ticket.value_or(domain::uuid{}));
      ++index;
    }
    if (index == 0) in.add("tickets", "has to have at least one element");
  }
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

std::optional<std::int64_t> whole_number(const json_value* member) {
  if (member == nullptr || member->type != json_type::number || !member->integral) return std::nullopt;
  return member->integer;
}

domain::retention_rule decode_rule(const json_value& from, const std::string& pointer, const services& with,
                                   field_errors& wrong) {
  body_fields in(from, pointer, wrong);
  domain::retention_rule out;
  out.category = in.take_text("category", 1, 64, true).value_or("");
  if (!out.category.empty() && out.category != "*" && with.desk().settings()->find_category(out.category) == nullptr)
    in.add("category", "there is no such category");
  const auto days = whole_number(in.take("after_days"));
  if (!days || *days < 1 || *days > days_max)
    in.add("after_days", "has to be a whole number of days from 1");
  else
    out.after_days = static_cast<int>(*days);
  out.action = in.take_text("action", 1, 64, true).value_or("");
  if (!out.action.empty() && out.action != "anonymise" && out.action != "delete")
    in.add("action", "has to be anonymise or delete");
  in.refuse_the_rest();
  return out;
}

domain::legal_hold decode_hold(const json_value& from, const std::string& pointer, field_errors& wrong) {
  body_fields in(from, pointer, wrong);
  domain::legal_hold out;
  out.kind = in.take_text("kind", 1, 64, true).value_or("");
  if (!out.kind.empty() && out.kind != "ticket" && out.kind != "organization")
    in.add("kind", "has to be ticket or organization");
  if (const auto id = in.take_text("id", 1, 64, true)) {
    const auto parsed = domain::parse_uuid(*id);
    if (!parsed) in.add("id", "is not an id");
    out.id = parsed.value_or(domain::uuid{});
  }
  out.reason = in.take_text("reason", 1, domain::name_characters_max, true).value_or("");
  // As GET shows it: who set it, and when, is not for the caller to say.
  (void)in.take("set_by");
  (void)in.take("set_at");
  in.refuse_the_rest();
  return out;
}

/// The elements of a list, if it is one and not too long.
template <class Each>
void each_of(body_fields& in, std::string_view name, std::size_t most, bool required, Each each) {
  const auto* list = in.take(name);
  if (list == nullptr) {
    if (required) in.missing(name);
    return;
  }
  if (list->type != json_type::array) return in.add(name, "has to be an array");
  std::size_t index = 0;
  for (const auto& element : *list) {
    if (index == most) return in.add(name, "has too many elements");
    each(element, in.pointer_to(name) + "/" + std::to_string(index));
    ++index;
  }
}

result<domain::retention_change> decode_retention(const json_value& body, const services& with) {
  field_errors wrong;
  body_fields in(body, "", wrong);
  domain::retention_change out;
  each_of(in, "rules", rules_max, true, [&](const json_value& element, const std::string& pointer) {
    out.rules.push_back(decode_rule(element, pointer, with, wrong));
    for (std::size_t i = 0; i + 1 < out.rules.size(); ++i)
      if (out.rules[i].category == out.rules.back().category && !out.rules[i].category.empty())
        wrong.push_back({pointer + "/category", "has a rule already"});
  });
  each_of(in, "legal_hold", holds_max, false, [&](const json_value& element, const std::string& pointer) {
    out.holds.push_back(decode_hold(element, pointer, wrong));
    for (std::size_t i = 0; i + 1 < out.holds.size(); ++i)
      if (out.holds[i].id == out.holds.back().id) wrong.push_back({pointer + "/id", "is held already"});
  });
  if (const auto* dry = in.take("dry_run"); dry != nullptr) {
    if (dry->type == json_type::boolean)
      out.dry_run = dry->truth;
    else
      in.add("dry_run", "has to be true or false");
  }
  in.refuse_the_rest();
  if (!wrong.empty()) return std::unexpected(invalid_body(std::move(wrong)));
  return out;
}

refusal bad_parameter(std::string_view name, std::string_view why) {
  refusal out;
  out.status = 400;
  out.code = "bad_parameter";
  out.detail = std::string(name) + " " + std::string(why);
  return out;
}

/// Nothing when it is neither `true` nor `false`.
std::optional<bool> flag(const request& in, std::string_view name) {
  const auto* text = in.find_parameter(name);
  if (text == nullptr || *text == "false") return false;
  if (*text == "true") return true;
  return std::nullopt;
}

/// What the office will not do.
refusal refusal_of(const privacy_answer& got) {
  refusal out;
  out.status = got.refused == "legal_hold" ? 409 : 422;
  out.code = got.refused;
  out.detail = got.body;
  return out;
}

/// Has the office erase, or search; the answer is the erasure, kept under the request's key.
void erase(const request& in, services& with, responder to, domain::privacy_question what, int status) {
  if (with.door.privacy == nullptr) return to.fail(error(errc::unavailable));
  auto& desk = with.desk();
  auto& office = *with.door.privacy;
  with_key(in, with, std::move(to),
           [&desk, &office, who = in.caller, what = std::move(what), status](claimed_key key, responder back) mutable {
             auto done = [&desk, status, key = std::move(key),
                          back = std::move(back)](result<privacy_answer> got) mutable {
               if (!got) return back.fail(got.error());
               if (!got->refused.empty()) return refuse(std::move(back), refusal_of(*got));
               stored_answer answer;
               answer.status = status;
               answer.body = got->body;
               auto out = back.make(status);
               if (status == 201 && got->id)
                 add_header(out, "Location", "/api/support/privacy/erasures/" + to_string(*got->id));
               out.body = std::move(got->body);
               if (!key.claim) return back.send(std::move(out));
               auto kept = [back = std::move(back), out = std::move(out)](result<std::monostate> stored) mutable {
                 if (!stored) return back.fail(stored.error());
                 back.send(std::move(out));
               };
               desk.keep(std::move(key), std::move(answer), domain::completion<std::monostate>(std::move(kept)));
             };
             office.ask(std::move(what), *who, domain::completion<privacy_answer>(std::move(done)));
           });
}

}  // namespace

void erase_person(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto asked = decode_erasure(*body, *in.caller);
  if (!asked) return to.fail(asked.error());
  if (!asked->organization) return erase(in, with, std::move(to), std::move(*asked), 201);
  const auto owner = *asked->organization;
  auto known = [&with, asked = std::move(*asked), back = std::move(to)](result<domain::organization> found) mutable {
    if (!found && found.error().code == errc::not_found)
      return back.fail(domain::fail_field("/organization_id", "there is no such organization").error());
    if (!found) return back.fail(found.error());
    const auto& request = back.in();
    erase(request, with, std::move(back), std::move(asked), 201);
  };
  with.desk().organization(owner, *in.caller, domain::completion<domain::organization>(std::move(known)));
}

void confirm_erasure(const request& in, services& with, responder to) {
  const auto id = id_of(in, to);
  if (!id) return;
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto asked = decode_confirmation(*body, *id);
  if (!asked) return to.fail(asked.error());
  erase(in, with, std::move(to), std::move(*asked), 200);
}

void list_erasures(const request& in, services& with, responder to) {
  ask(in, with, std::move(to), domain::erasures_question{});
}

void get_erasure(const request& in, services& with, responder to) {
  if (const auto id = id_of(in, to)) ask(in, with, std::move(to), domain::erasure_question{*id});
}

std::span<const std::string_view> export_parameters() noexcept {
  static constexpr std::array<std::string_view, 3> names{"email", "user_id", "later"};
  return names;
}

void export_person(const request& in, services& with, responder to) {
  const auto* email = in.find_parameter("email");
  const auto* user = in.find_parameter("user_id");
  const auto later = flag(in, "later");
  if (!later) return refuse(std::move(to), bad_parameter("later", "has to be true or false"));
  if ((email == nullptr) == (user == nullptr))
    return refuse(std::move(to), bad_parameter("email", "or user_id has to say who it is about"));
  if (email != nullptr && !may_be_email(*email))
    return refuse(std::move(to), bad_parameter("email", "is not an e-mail address"));
  if (user != nullptr && (user->empty() || user->size() > user_id_bytes_max))
    return refuse(std::move(to), bad_parameter("user_id", "has to have 1 to 128 bytes"));
  personal_subject who{email != nullptr ? subject_kind::email : subject_kind::user_id,
                       email != nullptr ? *email : *user};
  ask(in, with, std::move(to), domain::export_question{std::move(who), *later});
}

void get_export(const request& in, services& with, responder to) {
  if (const auto id = id_of(in, to)) ask(in, with, std::move(to), domain::export_state_question{*id});
}

void get_retention(const request& in, services& with, responder to) {
  ask(in, with, std::move(to), domain::retention_question{});
}

std::span<const std::string_view> retention_parameters() noexcept {
  static constexpr std::array<std::string_view, 1> names{"dry_run"};
  return names;
}

void put_retention(const request& in, services& with, responder to) {
  const auto dry = flag(in, "dry_run");
  if (!dry) return refuse(std::move(to), bad_parameter("dry_run", "has to be true or false"));
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto change = decode_retention(*body, with);
  if (!change) return to.fail(change.error());
  change->dry_run = change->dry_run || *dry;
  ask(in, with, std::move(to), std::move(*change));
}

}  // namespace usher::net
