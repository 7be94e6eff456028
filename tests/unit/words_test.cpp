// The small tables: errors, roles, tiers, priorities, categories, targets, and what a message means.
#include <array>
#include <functional>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "domain/caller.hpp"
#include "domain/category.hpp"
#include "domain/completion.hpp"
#include "domain/desk_settings.hpp"
#include "domain/error.hpp"
#include "domain/message.hpp"
#include "domain/ticket.hpp"

using namespace usher::domain;
using namespace std::chrono_literals;

TEST_CASE("errors: every code has a word and a sentence of its own", "[error]") {
  std::set<std::string> words;
  std::set<std::string> sentences;
  for (int i = 0; i < errc_count; ++i) {
    auto code = static_cast<errc>(i);
    std::string word(to_word(code));
    CAPTURE(i, word);
    CHECK(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
    CHECK_FALSE(word.empty());
    words.insert(word);
    std::string sentence(to_sentence(code));
    REQUIRE(sentence.size() > 10);
    CHECK(sentence.back() == '.');
    sentences.insert(sentence);
    CHECK(error(code).detail == sentence);
  }
  CHECK(words.size() == errc_count);
  CHECK(sentences.size() == errc_count);
}

TEST_CASE("errors: the words that the contract names", "[error]") {
  CHECK(to_word(errc::invalid) == "invalid");
  CHECK(to_word(errc::not_found) == "not_found");
  CHECK(to_word(errc::version_mismatch) == "version_mismatch");
  CHECK(to_word(errc::idempotency_key_reused) == "idempotency_key_reused");
  CHECK(to_word(errc::idempotency_in_flight) == "idempotency_in_flight");
  CHECK(to_word(errc::rejected_by_store) == "rejected_by_store");
  CHECK(to_word(errc::internal) == "internal");
}

TEST_CASE("errors: a bad field carries its pointer", "[error]") {
  result<int> bad = fail_field("/subject", "too long");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == errc::invalid);
  CHECK(bad.error().detail == "too long");
  REQUIRE(bad.error().fields.size() == 1);
  CHECK(bad.error().fields[0].pointer == "/subject");
  CHECK(bad.error().fields[0].detail == "too long");
}

TEST_CASE("completion: answers once, and a dropped one says that the outcome is unknown", "[error]") {
  int calls = 0;
  result<int> got = 0;
  auto make = [&] {
    return completion<int>([&](result<int> answer) {
      ++calls;
      got = std::move(answer);
    });
  };
  {
    auto done = make();
    done(7);
    done(8);
  }
  CHECK(calls == 1);
  CHECK(got == 7);
  { auto dropped = make(); }
  CHECK(calls == 2);
  CHECK(got.error().code == errc::unavailable);
  {
    auto first = make();
    auto second = std::move(first);
    CHECK_FALSE(static_cast<bool>(first));  // NOLINT(bugprone-use-after-move)
    second = completion<int>{};
    CHECK(calls == 3);
  }
  CHECK(calls == 3);
}

TEST_CASE("roles: ranked as the contract lists them; no token carries `system`", "[role]") {
  constexpr std::array words{"requester", "agent", "supervisor", "manager", "executive", "admin"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto read = parse_role(words[i]);
    REQUIRE(read);
    CHECK(to_word(*read) == words[i]);
    for (std::size_t j = 0; j < words.size(); ++j) {
      caller who{"someone", *read, std::nullopt};
      CHECK(who.at_least(*parse_role(words[j])) == (i >= j));
    }
    CHECK(caller{"someone", *read, std::nullopt}.is_staff() == (i > 0));
  }
  for (const char* word : {"system", "", "Agent", "agent ", "root"}) CHECK_FALSE(parse_role(word));
  CHECK(caller::system().sub == "system");
  CHECK(caller::system().role == role::system);
}

TEST_CASE("roles: who sees an organization's things", "[role]") {
  auto ours = organization_id::generate();
  auto theirs = organization_id::generate();
  CHECK(caller{"c", role::requester, ours}.sees(ours));
  CHECK_FALSE(caller{"c", role::requester, ours}.sees(theirs));
  CHECK_FALSE(caller{"c", role::requester, std::nullopt}.sees(ours));
  CHECK(caller{"a", role::agent, std::nullopt}.sees(theirs));
  CHECK(caller{"a", role::agent, ours}.sees(ours));
  CHECK_FALSE(caller{"a", role::admin, ours}.sees(theirs));
  CHECK(caller::system().sees(ours));
}

TEST_CASE("words: every enumeration is read back from its words, and from no others", "[words]") {
  auto both_ways = [](auto parse, std::initializer_list<const char*> words) {
    int place = 0;
    for (const char* word : words) {
      CAPTURE(word);
      auto read = parse(word);
      REQUIRE(read);
      CHECK(static_cast<int>(*read) == place++);
      CHECK(to_word(*read) == word);
      std::string other = word;
      other[0] = static_cast<char>(other[0] ^ 0x20);
      CHECK_FALSE(parse(other));
    }
    CHECK_FALSE(parse(""));
    CHECK_FALSE(parse("nonsense"));
  };
  both_ways(parse_tier, {"ENTERPRISE", "PROFESSIONAL", "STARTER", "FREE"});
  both_ways(parse_priority, {"critical", "high", "medium", "low"});
  both_ways(parse_visibility, {"public", "internal"});
  both_ways(parse_channel, {"web", "email", "phone", "chat", "api"});
  both_ways(parse_ticket_status, {"open", "pending", "on_hold", "resolved", "closed"});
  both_ways(parse_urgency, {"emergency", "urgent", "none"});
  both_ways(parse_clock_kind, {"first_response", "next_response", "resolution"});
  both_ways(parse_clock_event_type, {"start", "pause", "resume", "retarget", "breach", "stop", "cancel"});
  CHECK(to_word(clock_state::running) == "running");
  CHECK(to_word(clock_state::paused) == "paused");
  CHECK(to_word(clock_state::met) == "met");
  CHECK(to_word(clock_state::breached) == "breached");
  CHECK(to_word(clock_state::cancelled) == "cancelled");
}

TEST_CASE("categories: the contract's table", "[category]") {
  auto all = default_categories();
  CHECK(all.size() == 21);
  std::set<std::string_view> threatening;
  for (const auto& c : all) {
    CHECK(find_category(c.code) == &c);
    CHECK_FALSE(c.skills.empty());
    if (c.threatens_day) threatening.insert(c.code);
  }
  CHECK(threatening == std::set<std::string_view>{"website_outage", "guest_data", "calendar_booking", "vendor_no_show",
                                                  "timeline_venue", "seating_stationery", "account_access"});
  CHECK(find_category("vendor_no_show")->default_priority == priority::critical);
  CHECK(find_category("client_payment")->default_priority == priority::high);
  CHECK(find_category("rsvp")->default_priority == priority::medium);
  CHECK(find_category(general_question)->default_priority == priority::low);
  CHECK(find_category("vendor_no_show")->skills == "wedding_day,vendor_network");
  CHECK(find_category("no_such") == nullptr);
  CHECK(find_category("") == nullptr);
}

TEST_CASE("targets: the contract's table, for every tier and priority", "[sla]") {
  struct row {
    tier of;
    priority at;
    milliseconds response;
    milliseconds resolution;
  };
  using enum priority;
  const std::array<row, 16> contract{{
      {tier::enterprise, critical, 30min, 4h},
      {tier::enterprise, high, 60min, 8h},
      {tier::enterprise, medium, 4h, 24h},
      {tier::enterprise, low, 8h, 48h},
      {tier::professional, critical, 2h, 12h},
      {tier::professional, high, 4h, 24h},
      {tier::professional, medium, 8h, 48h},
      {tier::professional, low, 24h, 72h},
      {tier::starter, critical, 4h, 24h},
      {tier::starter, high, 8h, 48h},
      {tier::starter, medium, 24h, 72h},
      {tier::starter, low, 48h, 120h},
      {tier::free, critical, 24h, 72h},
      {tier::free, high, 24h, 96h},
      {tier::free, medium, 48h, 120h},
      {tier::free, low, 72h, 168h},
  }};
  auto settings = desk_settings::defaults();
  for (const auto& row : contract) {
    CAPTURE(to_word(row.of), to_word(row.at));
    const auto& targets = settings.policy(row.of, row.at)->targets;
    CHECK(targets.of(clock_kind::first_response) == row.response);
    CHECK(targets.of(clock_kind::next_response) == row.response);
    CHECK(targets.of(clock_kind::resolution) == row.resolution);
  }
  settings.policies[3][3].targets = {1s, std::nullopt, 3s};
  settings.compile();
  CHECK(settings.policy(tier::free, low)->targets == sla_targets{1s, std::nullopt, 3s});
  CHECK_FALSE(settings.policy(tier::free, low)->targets.of(clock_kind::next_response));
  CHECK(settings.policy(tier::free, medium)->targets.first_response == 48h);
}

TEST_CASE("rule 9: is it a response, over role, visibility, channel and automatic", "[sla]") {
  int seen = 0;
  for (auto author :
       {role::requester, role::agent, role::supervisor, role::manager, role::executive, role::admin, role::system}) {
    for (auto visible : {visibility::public_, visibility::internal}) {
      for (auto via : {channel::web, channel::email, channel::phone, channel::chat, channel::api}) {
        for (bool automatic : {false, true}) {
          auto expected = message_meaning::response;
          if (author == role::requester) expected = message_meaning::customer_message;
          if (author == role::system || visible == visibility::internal || automatic)
            expected = message_meaning::neither;
          CAPTURE(to_word(author), to_word(visible), to_word(via), automatic);
          CHECK(meaning_of(author, visible, via, automatic) == expected);
          ++seen;
        }
      }
    }
  }
  CHECK(seen == 7 * 2 * 5 * 2);
}
