#include "domain/macro.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Splits a template: `on_text` gets what stands as it is, `on_word` what stands between braces.
template <class Text, class Word>
void split(std::string_view text, Text on_text, Word on_word) {
  while (true) {
    const auto open = text.find("{{");
    const auto close = open == std::string_view::npos ? open : text.find("}}", open + 2);
    if (close == std::string_view::npos) return on_text(text);
    on_text(text.substr(0, open));
    on_word(trimmed(text.substr(open + 2, close - open - 2)));
    text.remove_prefix(close + 2);
  }
}

std::string value_of(std::string_view word, const ticket& t, const caller& by, const desk_settings& settings) {
  if (word == "ticket.number") return std::to_string(t.number);
  if (word == "ticket.subject") return t.subject;
  if (word == "requester.name") return t.requester ? t.requester->name : std::string();
  if (word == "wedding.venue") return t.wedding ? t.wedding->venue : std::string();
  if (word == "agent.name") {
    const auto known = settings.agents.find(by.sub);
    return known == settings.agents.end() ? by.sub : known->second.name;
  }
  std::string out;
  if (word == "wedding.date" && t.wedding) append_rfc3339(out, t.wedding->at), out.resize(10);
  return out;
}

}  // namespace

const std::vector<std::string_view>& macro_placeholders() {
  static const std::vector<std::string_view> words{"ticket.number", "ticket.subject", "requester.name",
                                                   "agent.name",    "wedding.date",   "wedding.venue"};
  return words;
}

std::vector<std::string> unknown_placeholders(std::string_view text) {
  std::vector<std::string> out;
  split(
      text, [](std::string_view) {},
      [&](std::string_view word) {
        if (std::ranges::count(macro_placeholders(), word) == 0) out.emplace_back(word);
      });
  return out;
}

std::string fill_in(std::string_view text, const ticket& t, const caller& by, const desk_settings& settings) {
  std::string out;
  split(
      text, [&](std::string_view plain) { out += plain; },
      [&](std::string_view word) { out += value_of(word, t, by, settings); });
  return out;
}

result<settings_change> put_macro(const desk_settings& now, macro what) {
  for (const auto& [id, other] : now.macros)
    if (id != what.id && other.name == what.name) return fail_field("/name", "is another macro's");
  const auto known = now.macros.find(what.id);
  const bool is_new = known == now.macros.end();
  what.version = is_new ? 1 : known->second.version + 1;
  std::string row;
  json_writer w(row);
  w.begin_object();
  w.member("id", what.id);
  w.member("name", what.name);
  w.raw_member("changes", what.changes);
  w.member("reply", what.reply);
  w.member("version", what.version);
  w.end_object();
  auto next = now;
  const auto id = what.id;
  next.macros[id] = std::move(what);
  return settings_change{std::move(next), settings_table::macros, to_string(id), std::move(row),
                         is_new ? "macro.created" : "macro.changed"};
}

result<settings_change> remove_macro(const desk_settings& now, const macro_id& id) {
  if (!now.macros.contains(id)) return fail(errc::not_found);
  auto next = now;
  next.macros.erase(id);
  return settings_change{std::move(next), settings_table::macros, to_string(id), {}, "macro.removed"};
}

result<std::vector<ticket_event>> decide_macro(const ticket& t, const run_macro& c, const decision_context& context) {
  if (!context.by.is_staff()) return fail(errc::forbidden);
  std::vector<ticket_event> all;
  ticket after = t;
  if (!c.reply.empty()) {
    add_message says{c.id, fill_in(c.reply, t, context.by, *context.settings), visibility::public_};
    if (says.body.size() > 4 * body_characters_max) return fail(errc::invalid, "the reply is too long for this ticket");
    auto events = decide(&t, says, context);
    if (!events) return events;
    for (const auto& event : *events) apply(after, event, context.now);
    all = std::move(*events);
  }
  auto events = decide(&after, c.set, context);
  if (!events) return events;
  all.insert(all.end(), std::make_move_iterator(events->begin()), std::make_move_iterator(events->end()));
  return all;
}

}  // namespace usher::domain
