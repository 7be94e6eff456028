// What the classifier makes of a text.
#include "domain/json_writer.hpp"
#include "net/body_fields.hpp"
#include "net/encode_parts.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/similar_things.hpp"
#include "net/ticket_json.hpp"

#include <cmath>

namespace usher::net {

using domain::errc;
using domain::error;
using domain::result;

namespace {

constexpr std::size_t suggestions_max = 5;

void write_candidates(domain::json_writer& w, const std::vector<domain::candidate>& all) {
  w.key("suggested_agents");
  w.begin_array();
  for (const auto& each : all) {
    w.begin_object();
    w.member("id", each.agent_id);
    w.key("score");
    write_thousandths(w, each.score);
    w.key("reasons");
    w.begin_array();
    for (const auto& reason : each.reasons) w.value(reason);
    w.end_array();
    w.end_object();
  }
  w.end_array();
}

/// The ticket that such a text would make, for whoever is asked who should have it.
domain::ticket ticket_of(const domain::text_verdict& found, const domain::caller& by) {
  domain::ticket t;
  t.organization = by.organization.value_or(domain::organization_id{});
  t.category = found.classification.category;
  t.priority = found.priority;
  t.urgency = found.urgency;
  return t;
}

stored_answer render_verdict(const domain::text_verdict& found, const std::vector<domain::candidate>& suggested,
                             const similar_things& alike) {
  stored_answer out;
  out.status = 200;
  domain::json_writer w(out.body);
  auto confidence = [&w](float value) {
    w.key("confidence");
    write_thousandths(w, std::lround(value * 1000.0F));
  };
  w.begin_object();
  w.member("category", found.classification.category);
  w.member("priority", domain::to_word(found.priority));
  w.member("urgency", domain::to_word(found.urgency));
  confidence(found.classification.confidence);
  w.member("emergency", found.classification.emergency);
  w.member("method", found.classification.method);
  w.key("signals");
  w.begin_array();
  for (const auto& signal : found.classification.signals) w.value(signal);
  w.end_array();
  w.key("alternatives");
  w.begin_array();
  for (const auto& each : found.alternatives) {
    w.begin_object();
    w.member("category", each.category);
    confidence(each.confidence);
    w.end_object();
  }
  w.end_array();
  write_candidates(w, suggested);
  w.raw_member("similar", alike.tickets);
  w.raw_member("articles", alike.articles);
  w.end_object();
  return out;
}

}  // namespace

void categorize(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_categorize(*body);
  if (!decoded) return to.fail(decoded.error());
  const auto* judge = with.door.judge;
  if (judge == nullptr) return to.fail(error(errc::unavailable, "nobody is here to read"));
  auto& desk = with.desk();
  const auto now = with.now();
  auto answer = [judge, now, &desk](const std::string& subject, const std::string& text,
                                    const std::optional<domain::instant>& day, const domain::ticket* of,
                                    claimed_key key, responder back) {
    auto verdict = judge->read(subject, text, day, now);
    const auto caller = back.in().caller;
    auto suggested = desk.suggest(of != nullptr ? *of : ticket_of(verdict, *caller), suggestions_max);
    // The verdict is answered whatever becomes of what is like it.
    auto send = [&desk, verdict = std::move(verdict), suggested = std::move(suggested), key = std::move(key),
                 back = std::move(back)](result<similar_things> alike) mutable {
      auto rendered = render_verdict(verdict, suggested, alike ? *alike : similar_things{});
      send_kept(desk, std::move(back), std::move(key), std::move(rendered));
    };
    domain::completion<similar_things> done(std::move(send));
    if (of != nullptr) return find_similar(desk, *caller, *of, true, std::move(done));
    find_similar(desk, *caller, subject, text, caller->organization, true, std::move(done));
  };
  with_key(in, with, std::move(to),
           [&desk, answer, what = std::move(*decoded)](claimed_key key, responder back) mutable {
             std::optional<domain::instant> day;
             if (what.wedding) day = what.wedding->at;
             if (!what.ticket) return answer(what.subject, what.body, day, nullptr, std::move(key), std::move(back));
             const auto caller = back.in().caller;
             desk.get(*what.ticket, *caller,
                      domain::completion<domain::ticket_ptr>(
                          [answer, key = std::move(key), back = std::move(back)](result<domain::ticket_ptr> t) mutable {
                            if (!t) return back.fail(t.error());
                            std::optional<domain::instant> at;
                            if ((*t)->wedding) at = (*t)->wedding->at;
                            answer((*t)->subject, (*t)->body, at, t->get(), std::move(key), std::move(back));
                          }));
           });
}

}  // namespace usher::net
