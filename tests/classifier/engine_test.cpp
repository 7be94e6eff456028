#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "classifier/classifier.hpp"

using namespace usher;
using namespace usher::classifier;

namespace {

std::chrono::nanoseconds thread_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

const engine& shipped() {
  static const engine made;
  return made;
}

verdict read(std::string_view subject, std::string_view body, std::optional<int> hours = std::nullopt) {
  domain::instant now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 13}};
  input in{subject, body, std::nullopt, now, {}};
  if (hours) in.wedding_at = now + std::chrono::hours(*hours);
  return shipped().classify(in);
}

}  // namespace

TEST_CASE("engine: the contract's examples of urgency", "[engine]") {
  auto florist = read("Florist", "The florist hasn't been in touch and the ceremony is at three today.", 4);
  CHECK(florist.emergency);
  CHECK(florist.priority == domain::priority::critical);
  CHECK(florist.urgency == domain::urgency::emergency);
  CHECK_FALSE(read("A question", "What if our DJ doesn't show? Do you have a backup list?").emergency);
  CHECK_FALSE(read("Feedback", "Last month the caterer was a no-show. I'd like it on their record.").emergency);
  CHECK_FALSE(read("HELLO", "WHY IS THE FONT ON OUR PAGE SO UGLY!!! CHANGE IT!!!", 2000).emergency);
  CHECK_FALSE(read("Sorting", "How do I sort the guests so that the newest is first?", 5).emergency);
}

TEST_CASE("engine: a vendor who is missing today is an emergency in every language, without a date", "[engine]") {
  for (const char* text :
       {"Our photographer hasn't shown up and the wedding is today, guests are waiting at the church, please help",
        "El fotógrafo no llegó y la boda es hoy, los invitados esperan en la iglesia, ayuda por favor",
        "Le photographe n'est pas venu et le mariage est aujourd'hui, les invités attendent à l'église, aidez-nous"}) {
    INFO(text);
    auto found = read("urgent", text);
    CHECK(found.category == "vendor_no_show");
    CHECK(found.emergency);
  }
}

TEST_CASE("engine: plain tickets of each kind", "[engine]") {
  struct expected {
    const char* category;
    const char* text;
  };
  for (auto [category, text] : {expected{"website_outage", "Our wedding website shows error 500 on every page"},
                                expected{"rsvp", "Guests press send on the RSVP form and nothing happens"},
                                expected{"payout_verification", "My passport was rejected and my payout is on hold"},
                                expected{"client_payment", "Mi clienta no puede pagar la factura, tarjeta rechazada"},
                                expected{"contract_esign", "Le lien pour signer le contrat a expiré"},
                                expected{"account_access", "I forgot my password and the reset mail never comes"},
                                expected{"seating_stationery", "El plano de mesas no se imprime"},
                                expected{"registry_gifts", "The gift registry shows the toaster as bought twice"}}) {
    INFO(text);
    auto found = read("Problem", text);
    CHECK(found.category == category);
    CHECK(found.method == "pattern+model");
    CHECK_FALSE(found.signals.empty());
    CHECK(found.confidence > 0.5F);
  }
}

TEST_CASE("engine: hostile texts end, in time that grows with their length and no faster", "[engine]") {
  const auto longest = std::size_t{20'000};
  std::string words;
  while (words.size() < longest) words += "no show no-show what if today ";
  const std::string letters(longest, 'a');
  std::string marks;
  for (std::size_t i = 0; i < longest; ++i) marks += static_cast<char>(i * 131 % 256);
  std::string dots;
  while (dots.size() < longest) dots += "a.a a-a\n>";
  // The time of this thread's own work: a busy machine does not count.
  const auto work_on = [](const std::string& text) {
    auto least = std::chrono::nanoseconds::max();
    for (int i = 0; i < 3; ++i) {
      const auto begun = thread_time();
      const auto found = read(text.substr(0, 200), text);
      least = std::min(least, thread_time() - begun);
      CHECK(found.confidence >= 0);
      CHECK(found.confidence <= 1);
    }
    return least;
  };
  for (const auto& text : {words, letters, marks, dots}) {
    const auto quarter = work_on(text.substr(0, longest / 4));
    const auto whole = work_on(text.substr(0, longest));
    CAPTURE(text.substr(0, 20), quarter.count(), whole.count());
    CHECK(whole < 10 * quarter);  // quadratic would be sixteen times
  }
}

TEST_CASE("engine: patterns are replaced while others classify", "[engine]") {
  engine own;
  std::atomic<bool> stop{false};
  std::atomic<int> read_texts{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!stop) {
        auto found = own.classify({"rsvp", "the xylophone firm is late", std::nullopt, {}, {}});
        if (!found.category.empty()) ++read_texts;
      }
    });
  pattern fresh{"house.xylophone", "urgency.distress", 3, "en", R"(\bxylophone\b)", true};
  for (int round = 0; round < 20; ++round)
    REQUIRE(own.replace_patterns(round % 2 == 0 ? std::vector{fresh} : std::vector<pattern>{}));
  REQUIRE(own.replace_patterns({fresh}));
  stop = true;
  readers.clear();
  CHECK(read_texts > 0);
  auto found = own.classify({"late", "the xylophone firm is late", std::nullopt, {}, {}});
  CHECK(std::ranges::find(found.signals, "house.xylophone") != found.signals.end());
  auto bad = fresh;
  bad.regex = "(";
  CHECK_FALSE(own.replace_patterns({bad}));
  CHECK(own.patterns().size() == 1);
}
