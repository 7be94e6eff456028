// Where a phrase is searched for, and whether the database finds there what the rules would erase.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "domain/phrase.hpp"
#include "fixture.hpp"
#include "store/privacy_phrase.hpp"

using namespace usher;
using namespace usher::test;

TEST_CASE("store: the database finds whatever the rules would erase", "[store][privacy][phrase]") {
  scratch_server pg;
  const std::vector<std::string> texts{"rosa bellini",
                                       "RÓSA\tBELLINI",
                                       "Ro\u00ADsa \u200B Bellini",
                                       "Ros\u0061\u0301 Bellini",
                                       "„Rosa\u00A0Bellini“",
                                       "Rosa\n\n Bellini",
                                       "Ởosa"};
  const auto pattern = domain::phrase_pattern("Rosa Bellini");
  for (const auto& text : texts) {
    CAPTURE(text);
    const bool erased = domain::without_phrase(text, "Rosa Bellini") != text;
    const auto found = pg.ask("SELECT ($1 ~ $2)::int::int8, (to_jsonb($1)::text ~ $2)::int::int8",
                              store::parameters().text(text).text(pattern));
    CHECK(erased == (text != texts.back()));
    CHECK(found.int8(0, 0) == (erased ? 1 : 0));
    CHECK(found.int8(0, 1) == (erased ? 1 : 0));
  }
  // As long as a phrase may be, of what a pattern takes most for, and of what it must not take for its own.
  std::string longest;
  for (int i = 0; i < 40; ++i) longest += "aeo u";
  CHECK(pg.ask("SELECT ($1 ~ $2)::int::int8",
               store::parameters().text("x " + longest + " y").text(domain::phrase_pattern(longest)))
            .int8(0, 0) == 1);
  for (const std::string odd : {"a.*+?()[]{}|^$-'/:=b", "***=abc", "(?i)abc", "Ünal-Öz", "άλφα", "Ёлка", "王小明"}) {
    CAPTURE(odd);
    CHECK(pg.ask("SELECT ($1 ~ $2)::int::int8",
                 store::parameters().text("x " + odd + " y").text(domain::phrase_pattern(odd)))
              .int8(0, 0) == 1);
    CHECK(domain::without_phrase("x " + odd + " y", odd) == "x [erased] y");
  }
}

TEST_CASE("store: every column that can hold a customer's words is one that a phrase is searched for in",
          "[store][privacy][phrase]") {
  scratch_server pg;
  // Words of Usher's own, ids of people, and what is checked to be one of a few words.
  const std::set<std::string_view> others{"attachments.media_type",
                                          "audit_log.action",
                                          "audit_log.actor_role",
                                          "audit_log.actor_sub",
                                          "csat_responses.agent_id",
                                          "csat_responses.by_sub",
                                          "erasure_tickets.counts",
                                          "erasure_tickets.state",
                                          "outbox.channel",
                                          "outbox_attempts.outcome",
                                          "support_escalations.acknowledged_by",
                                          "support_escalations.cause",
                                          "support_escalations.clock",
                                          "support_escalations.recipients",
                                          "support_escalations.state",
                                          "support_sla_events.clock",
                                          "support_sla_events.reason",
                                          "support_sla_events.type",
                                          "support_tickets.assignee_id",
                                          "support_tickets.category",
                                          "support_tickets.channel",
                                          "support_tickets.classified_category",
                                          "support_tickets.classified_method",
                                          "support_tickets.priority",
                                          "support_tickets.raised_from",
                                          "support_tickets.requester_id",
                                          "support_tickets.status",
                                          "support_tickets.taken_from",
                                          "support_tickets.tier",
                                          "support_tickets.urgency",
                                          "support_tickets.wedding_time_zone",
                                          "system_alerts.acknowledged_by",
                                          "system_alerts.kind",
                                          "system_alerts.level",
                                          "ticket_classifications.category",
                                          "ticket_classifications.method",
                                          "ticket_classifications.priority",
                                          "ticket_messages.author_id",
                                          "ticket_messages.author_role",
                                          "ticket_messages.channel"};
  const auto columns = pg.ask(
      "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c WHERE c.table_schema = 'usher' "
      "AND c.data_type IN ('text', 'jsonb', 'ARRAY') AND (c.table_name IN ('support_tickets', 'outbox_attempts') OR "
      "EXISTS (SELECT FROM information_schema.columns t WHERE t.table_schema = 'usher' AND t.table_name = c.table_name "
      "AND t.column_name = 'ticket_id')) ORDER BY 1, 2");
  CHECK(columns.size() > 50);
  for (int row = 0; row < columns.size(); ++row) {
    const auto table = columns.text(row, 0);
    const auto column = columns.text(row, 1);
    const auto name = table + "." + column;
    CAPTURE(name);
    const bool searched = std::ranges::any_of(store::phrase_places(), [&](const store::phrase_place& place) {
      return place.table == table && place.select.find("x." + column) != std::string::npos;
    });
    CHECK((searched || others.contains(name)));
  }
}
