// The courier's side of the outbox: what is due, in which order, and that a try is written down once.
#include "store/outbox_source.hpp"

#include <catch2/catch_test_macros.hpp>

#include "domain/webhook_change.hpp"
#include "tests/store/fixture.hpp"

using namespace usher;
using namespace usher::test;
using store::outbox_queue;

namespace {

const std::string secret(32, 's');

struct post {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  store::outbox_source source{pg.as("usher_courier")};
  domain::organization_id organization = add_organization(lanes);
  domain::desk_settings settings = domain::desk_settings::defaults();

  domain::webhook_id endpoint(std::optional<domain::organization_id> of = {}) {
    domain::webhook_endpoint what;
    what.id = domain::webhook_id::generate();
    what.organization = of;
    what.url = "https://hooks.example/" + to_string(what.id);
    what.created_at = noon();
    what.created_by = "margot";
    apply(domain::add_webhook(settings, what, secret).value());
    return what.id;
  }

  void apply(domain::settings_change what) {
    settings = what.next;
    store::settings_write row{what.table, what.key, what.row,     what.action,      staff(),
                              noon(),     {},       std::nullopt, what.organization};
    commit(lanes, store::write{std::move(row), store::steady_time::max(), {}}).value();
  }

  /// A change with what the settings make it tell.
  domain::change tell(domain::change what) {
    store::ticket_write row{what, std::nullopt};
    row.notifications = domain::notifications_of(what, settings);
    commit(lanes, store::write{std::move(row), store::steady_time::max(), {}}).value();
    return what;
  }

  store::outbox_claim claim(const outbox_queue& queue, int most = 10, instant now = noon(60'000)) {
    return source.claim({{queue, most}}, now, now + 60s);
  }
};

store::outbox_try delivered(const store::outbox_row& row) {
  store::outbox_try out;
  out.id = row.id;
  out.attempt = row.attempts + 1;
  out.at = noon(60'000);
  out.took = 12ms;
  out.status = 204;
  out.outcome = "delivered";
  out.delivered = true;
  return out;
}

}  // namespace

TEST_CASE("store: an endpoint gets a ticket's events in order, tickets beside each other", "[store][outbox]") {
  post p;
  const outbox_queue hook{"webhook", p.endpoint()};
  const auto first = p.tell(created({p.organization, 1}));
  p.tell(changed(first.after, domain::delete_ticket{}, noon(1)));
  p.tell(created({p.organization, 2, noon(2)}));
  auto got = p.claim(hook);
  REQUIRE(got.rows.size() == 2);
  CHECK(got.rows[0].event == "ticket.created");
  CHECK(got.rows[1].event == "ticket.created");
  CHECK(got.rows[0].queue == hook);
  CHECK(got.rows[0].ticket == first.after->id);
  CHECK(got.endpoints.at(*hook.endpoint).secrets == std::vector{secret});
  CHECK(got.endpoints.at(*hook.endpoint).url.starts_with("https://hooks.example/"));
  CHECK_FALSE(got.endpoints.at(*hook.endpoint).disabled);
  CHECK(p.claim(hook).rows.empty());
  p.source.record({delivered(got.rows[0])}, noon(60'000));
  got = p.claim(hook);
  REQUIRE(got.rows.size() == 1);
  CHECK(got.rows[0].event == "ticket.deleted");
}

TEST_CASE("store: a try is written down once, and its retry waits for its time", "[store][outbox]") {
  post p;
  const outbox_queue hook{"webhook", p.endpoint()};
  p.tell(created({p.organization, 1}));
  auto row = p.claim(hook).rows.at(0);
  store::outbox_try failed;
  failed.id = row.id;
  failed.at = noon(60'000);
  failed.status = 503;
  failed.outcome = "retry";
  failed.detail = "HTTP 503";
  failed.next_attempt_at = noon(70'000);
  p.source.record({failed}, noon(60'000));
  p.source.record({failed}, noon(60'000));  // the answer to the first was lost
  CHECK(p.pg.number("SELECT count(*) FROM usher.outbox_attempts") == 1);
  CHECK(p.claim(hook, 10, noon(69'999)).rows.empty());
  const auto levels = p.source.survey(noon(69'999));
  REQUIRE(levels.size() == 1);
  CHECK(levels[0].pending == 1);
  CHECK(levels[0].due == noon(70'000));
  row = p.claim(hook, 10, noon(70'000)).rows.at(0);
  CHECK(row.attempts == 1);
  p.source.record({delivered(row)}, noon(70'000));
  CHECK(p.pg.number("SELECT count(*) FROM usher.outbox_attempts WHERE attempt = 2 AND status = 204") == 1);
  CHECK(p.pg.number("SELECT count(*) FROM usher.outbox WHERE delivered_at IS NOT NULL AND next_attempt_at IS NULL AND "
                    "given_up_at IS NULL AND lease_until IS NULL") == 1);
  CHECK(p.source.survey(noon(70'000)).empty());
}

TEST_CASE("store: what was taken and not settled comes back", "[store][outbox]") {
  post p;
  const outbox_queue hook{"webhook", p.endpoint()};
  p.tell(created({p.organization, 1}));
  SECTION("by hand") {
    const auto row = p.claim(hook).rows.at(0);
    p.source.release({row.id});
    CHECK(p.claim(hook).rows.at(0).id == row.id);
  }
  SECTION("when the lease is over") {
    const auto row = p.claim(hook).rows.at(0);
    CHECK(p.claim(hook, 10, noon(119'999)).rows.empty());
    CHECK(p.claim(hook, 10, noon(120'000)).rows.at(0).id == row.id);
  }
  SECTION("to the next server, once this one is gone") {
    domain::uuid id;
    {
      store::outbox_source former(p.pg.as("usher_courier"));
      id = former.claim({{hook, 1}}, noon(1), noon(60'001)).rows.at(0).id;
      CHECK_THROWS_AS(p.source.survey(noon()), store::unavailable_error);
    }
    CHECK(eventually([&] {
      try {
        return p.claim(hook, 1, noon(2)).rows.at(0).id == id;
      } catch (const store::unavailable_error&) {
        return false;
      }
    }));
  }
}

TEST_CASE("store: rotation of secrets, and what becomes of an endpoint that goes", "[store][outbox]") {
  post p;
  const auto id = p.endpoint(p.organization);
  const outbox_queue hook{"webhook", id};
  const std::string fresh(32, 'f');
  p.apply(domain::add_webhook_secret(p.settings, id, fresh).value());
  p.tell(created({p.organization, 1}));
  auto got = p.claim(hook);
  CHECK(got.endpoints.at(id).secrets == std::vector{fresh, secret});
  p.source.release({got.rows.at(0).id});
  p.apply(domain::drop_webhook_secrets(p.settings, id).value());
  domain::webhook_edit off;
  off.enabled = false;
  off.disabled_reason = "by hand";
  p.apply(domain::change_webhook(p.settings, id, off, noon()).value());
  got = p.claim(hook);
  CHECK(got.endpoints.at(id).secrets == std::vector{fresh});
  CHECK(got.endpoints.at(id).disabled);
  p.source.release({got.rows.at(0).id});
  // The settings that a desk starts with are those.
  const auto stored = store::recovery_source(p.pg.as("usher_staff_reader")).settings();
  REQUIRE(stored.webhooks.size() == 1);
  CHECK(stored.webhooks[0].organization == p.organization);
  CHECK(stored.webhooks[0].disabled_reason == "by hand");
  CHECK(stored.webhooks[0].secrets == 1);
  p.apply(domain::remove_webhook(p.settings, id).value());
  CHECK(p.claim(hook).rows.empty());
  CHECK(p.claim({"webhook", {}}).rows.size() == 1);
}

TEST_CASE("store: settled notifications go after their time, pending ones stay", "[store][outbox]") {
  post p;
  const outbox_queue hook{"webhook", p.endpoint()};
  p.tell(created({p.organization, 1}));
  p.tell(created({p.organization, 2}));
  p.source.record({delivered(p.claim(hook, 1).rows.at(0))}, noon(60'000));
  const auto now = domain::system_clock_port().now();
  CHECK(p.source.purge(now - 24h) == 0);
  CHECK(p.source.purge(now + 1s) == 1);
  CHECK(p.pg.number("SELECT count(*) FROM usher.outbox") == 1);
  CHECK(p.pg.number("SELECT count(*) FROM usher.outbox_attempts") == 0);
}

TEST_CASE("store: the courier sees the outbox, and nothing of customers", "[store][outbox][tenancy]") {
  post p;
  p.tell(created({p.organization, 1}));
  auto opened = store::connection::open(p.pg.as("usher_courier"), soon());
  REQUIRE(opened);
  for (const char* table : {"support_tickets", "ticket_messages", "organizations", "support_agents", "audit_log"}) {
    CAPTURE(table);
    auto read = opened->query("SELECT * FROM usher." + std::string(table), {}, soon());
    REQUIRE_FALSE(read);
    CHECK(read.error().sqlstate == "42501");
  }
  CHECK_FALSE(opened->query("UPDATE usher.outbox SET payload = '{}'", {}, soon()));
  CHECK_FALSE(opened->query("UPDATE usher.webhook_endpoints SET url = 'x'", {}, soon()));
}
