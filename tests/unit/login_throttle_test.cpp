// How long wrong passwords make one wait, on virtual time.
#include <catch2/catch_test_macros.hpp>

#include "domain/login_throttle.hpp"

using namespace usher;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t here = 1;
constexpr std::uint64_t elsewhere = 2;

struct world {
  domain::login_throttle throttle;
  domain::login_throttle::time now{1000h};

  void fail(int times, std::string_view account = "ada", std::uint64_t from = here) {
    for (int i = 0; i < times; ++i) throttle.failed(account, from, now);
  }
  [[nodiscard]] std::chrono::seconds wait(std::string_view account = "ada", std::uint64_t from = here) const {
    return std::chrono::ceil<std::chrono::seconds>(throttle.wait(account, from, now));
  }
};

}  // namespace

TEST_CASE("login throttle: four wrong passwords cost nothing, and each from the fifth on twice as much", "[login]") {
  world w;
  w.fail(4);
  CHECK(w.wait() == 0s);
  w.fail(1);
  CHECK(w.wait() == 1s);
  w.fail(1);
  CHECK(w.wait() == 2s);
  w.fail(1);
  CHECK(w.wait() == 4s);
  w.now += 3s;
  CHECK(w.wait() == 1s);
  w.now += 1s;
  CHECK(w.wait() == 0s);
  w.fail(100);
  CHECK(w.wait() == 900s);
}

TEST_CASE("login throttle: it counts by account and by address", "[login]") {
  world w;
  w.fail(6);
  CHECK(w.wait("ada", elsewhere) == 2s);
  CHECK(w.wait("bert", here) == 2s);
  CHECK(w.wait("bert", elsewhere) == 0s);
  w.throttle.succeeded("ada");
  CHECK(w.wait("ada", elsewhere) == 0s);
  // Whoever knows one password guesses no faster at others.
  CHECK(w.wait("ada", here) == 2s);
}

TEST_CASE("login throttle: it forgets after half an hour without a failure", "[login]") {
  world w;
  w.fail(20);
  w.now += 1799s;
  w.fail(1);
  CHECK(w.wait() == 900s);
  w.now += 1800s;
  w.fail(1);
  CHECK(w.wait() == 0s);
}

TEST_CASE("login throttle: its memory is bounded, and made-up names push out no guessed one", "[login]") {
  world w;
  w.throttle = domain::login_throttle({.kept_max = 100});
  w.fail(10, "ada", elsewhere);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    w.now += 1ms;
    w.throttle.failed("made-up-" + std::to_string(i), 100 + i, w.now);
  }
  CHECK(w.throttle.kept() <= 200);
  CHECK(w.wait("ada", here) == 27s);
  CHECK(w.wait("bert", elsewhere) == 27s);
}

TEST_CASE("login throttle: tries that were not looked at are counted until somebody asks", "[login]") {
  world w;
  w.throttle.turned_away("ada");
  CHECK(w.throttle.take_turned_away("ada") == 0);  // nothing is kept of who has not failed
  CHECK(w.throttle.kept() == 0);
  w.fail(5);
  for (int i = 0; i < 3; ++i) w.throttle.turned_away("ada");
  CHECK(w.throttle.take_turned_away("bert") == 0);
  CHECK(w.throttle.take_turned_away("ada") == 3);
  CHECK(w.throttle.take_turned_away("ada") == 0);
}
