// How the workers are shared among the queues: one that hangs or fails leaves room for the others.
#include "outbox/queue_book.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace usher::outbox;
using namespace std::chrono_literals;
using usher::domain::instant;
using usher::domain::webhook_id;
using usher::store::outbox_queue;

namespace {

const instant noon = std::chrono::sys_days{std::chrono::year{2026} / 6 / 13} + 12h;
const queue_book::steady_time now = queue_book::steady_time{} + 1000h;

outbox_queue hook() { return {"webhook", webhook_id::generate()}; }

int rows_for(const std::vector<usher::store::outbox_wish>& all, const outbox_queue& queue) {
  for (const auto& each : all)
    if (each.queue == queue) return each.rows_max;
  return 0;
}

void begin(queue_book& book, const outbox_queue& queue, int count) {
  for (int i = 0; i < count; ++i) (void)book.begin(queue);
}

}  // namespace

TEST_CASE("outbox: queues: only what is due is asked for, up to a share", "[outbox][courier]") {
  queue_book book({});
  const auto a = hook();
  const auto b = hook();
  CHECK(book.wishes(noon, now).empty());
  book.expect(a, noon);
  book.expect(b, noon + 5s);
  auto first = book.wishes(noon, now);
  CHECK(rows_for(first, a) == 4);
  CHECK(rows_for(first, b) == 0);
  begin(book, a, 4);
  CHECK(rows_for(book.wishes(noon, now), a) == 0);
  CHECK(book.next_due(noon, now) == now + 5s);
  book.ended(a, false);
  CHECK(rows_for(book.wishes(noon, now), a) == 1);
  book.exhausted(a, noon);
  book.exhausted(b, noon);
  CHECK(book.wishes(noon + 10s, now).empty());
}

TEST_CASE("outbox: queues: a retry comes back at its time", "[outbox][courier]") {
  queue_book book({});
  const auto a = hook();
  book.expect(a, noon);
  book.retry_at(a, noon + 3s);
  book.retry_at(a, noon + 9s);
  book.exhausted(a, noon);
  CHECK(book.next_due(noon, now) == now + 3s);
  book.exhausted(a, noon + 3s);
  CHECK(book.next_due(noon + 3s, now) == now + 6s);
  CHECK(rows_for(book.wishes(noon + 9s, now), a) == 4);
}

TEST_CASE("outbox: queues: webhooks never have all of the workers", "[outbox][courier]") {
  queue_book book({});
  for (int i = 0; i < 10; ++i) {
    const auto each = hook();
    book.expect(each, noon);
    begin(book, each, rows_for(book.wishes(noon, now), each));
  }
  CHECK(book.under_way() == 12);
  const outbox_queue email{"email", {}};
  const outbox_queue log{"log", {}};
  book.expect(email, noon);
  book.expect(log, noon);
  const auto wishes = book.wishes(noon, now);
  CHECK(rows_for(wishes, email) == 4);
  CHECK(rows_for(wishes, log) == 256);
}

TEST_CASE("outbox: queues: those that fail get one try at a time, and half of the workers together",
          "[outbox][courier]") {
  share_settings settings;
  settings.breaker.results_min = 100;
  queue_book book(settings);
  std::vector<outbox_queue> bad;
  for (int i = 0; i < 10; ++i) {
    bad.push_back(hook());
    book.judge(bad.back(), true, now);
    book.expect(bad.back(), noon);
  }
  int taken = 0;
  for (const auto& wish : book.wishes(noon, now)) {
    CHECK(wish.rows_max == 1);
    begin(book, wish.queue, 1);
    ++taken;
  }
  CHECK(taken == 8);
  const auto good = hook();
  book.expect(good, noon);
  CHECK(rows_for(book.wishes(noon, now), good) == 4);
  // The next time it is the others' turn.
  for (int i = 0; i < 8; ++i) book.ended(bad[static_cast<std::size_t>(i)], true);
}

TEST_CASE("outbox: queues: who was left out comes first the next time", "[outbox][courier]") {
  share_settings settings;
  settings.workers = 5;
  settings.workers_for_people = 1;
  queue_book book(settings);
  const auto a = hook();
  const auto b = hook();
  book.expect(a, noon);
  book.expect(b, noon);
  auto first = book.wishes(noon, now);
  REQUIRE(first.size() == 1);
  auto second = book.wishes(noon, now);
  REQUIRE(second.size() == 1);
  CHECK(first[0].queue != second[0].queue);
}

TEST_CASE("outbox: queues: an open breaker leaves its queue alone, then lets one through", "[outbox][courier]") {
  queue_book book({});
  const auto a = hook();
  const auto b = hook();
  book.expect(a, noon);
  book.expect(b, noon);
  for (int i = 0; i < 5; ++i) book.judge(a, true, now);
  CHECK(rows_for(book.wishes(noon, now + 29s), a) == 0);
  CHECK(rows_for(book.wishes(noon, now + 29s), b) == 4);
  book.exhausted(b, noon);
  CHECK(book.next_due(noon, now + 1s) == now + 30s);
  CHECK(rows_for(book.wishes(noon, now + 30s), a) == 1);
  begin(book, a, 1);
  CHECK(rows_for(book.wishes(noon, now + 31s), a) == 0);
  book.ended(a, true);
  book.judge(a, false, now + 31s);
  CHECK(rows_for(book.wishes(noon, now + 31s), a) == 4);
}
