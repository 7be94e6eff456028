// A desk on simulated time, its customers and its staff: weeks of their lives from one seed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "actors/desk.hpp"
#include "faulty_store.hpp"

namespace usher::simulation {

/// What a change was answered with.
struct acknowledged {
  domain::ticket_id id;
  std::int64_t version = 0;
  domain::ticket_ptr state;
};

class world {
 public:
  explicit world(std::uint64_t seed);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// Does the next thing: somebody asks for something, time passes, the store hurries, the process dies.
  void step();
  /// Lets everything come to rest: no faults, and time for what was refused to be tried again.
  void calm();

  /// What is wrong, in words; empty when nothing is. `at_rest` asks as well what holds only when nothing is on its way.
  [[nodiscard]] std::string wrong(bool at_rest);

  [[nodiscard]] domain::instant now() const { return clock_.now(); }
  [[nodiscard]] std::size_t deaths() const { return deaths_; }
  [[nodiscard]] std::size_t changes() const { return store_.changes().size(); }
  [[nodiscard]] std::string last_step() const { return last_; }

 private:
  std::size_t pick(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random_); }
  void start();
  void die();
  void run();
  void pass(domain::milliseconds time);
  void ask(std::optional<domain::ticket_id> id, domain::ticket_command command, const domain::caller& by);
  void create();
  void act(const domain::ticket_id& id);
  [[nodiscard]] domain::milliseconds some_time();

  // -- invariants --
  [[nodiscard]] std::string nothing_acknowledged_is_lost();
  [[nodiscard]] std::string history_is_sound();
  [[nodiscard]] std::string nothing_stands_still();

  std::mt19937_64 random_;
  tests::manual_clock clock_;
  faulty_store store_{random_};
  std::unique_ptr<metrics::desk_metrics> metrics_;
  std::unique_ptr<actors::desk> desk_;
  std::vector<domain::organization_id> organizations_;
  std::vector<domain::ticket_id> tickets_;
  std::vector<acknowledged> answers_;
  std::size_t answers_checked_ = 0;
  std::size_t changes_checked_ = 0;
  std::set<std::string> told_;                          ///< every key that has fired
  std::map<domain::ticket_id, domain::ticket> folded_;  ///< every ticket, from its events alone
  std::map<domain::ticket_id, std::vector<domain::clock_changed>> clock_events_;
  std::size_t deaths_ = 0;
  std::string last_;
};

}  // namespace usher::simulation
