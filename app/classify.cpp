#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>

#include "app/commands.hpp"
#include "app/corpus.hpp"
#include "app/desk_model.hpp"
#include "app/scoring.hpp"
#include "domain/json_writer.hpp"

namespace usher::app {

namespace {

using classifier::scored_verdict;

/// Distances to the wedding are counted from here; which instant it is makes no difference.
constexpr domain::instant reference = std::chrono::sys_days{std::chrono::year{2026} / 6 / 13};

classifier::input to_input(const classifier::labelled_ticket& t) {
  classifier::input in{t.subject, t.body, std::nullopt, reference, t.requester};
  if (t.hours_to_wedding)
    in.wedding_at = reference + std::chrono::duration_cast<domain::milliseconds>(
                                    std::chrono::duration<double, std::ratio<3600>>(*t.hours_to_wedding));
  return in;
}

/// Of this thread's work: what others do on the machine at the same time is left out.
double thread_microseconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

void write_verdict(std::ostream& out, const std::string& id, const classifier::verdict& v) {
  std::string line;
  domain::json_writer json(line);
  json.begin_object();
  json.key("id");
  json.value(id);
  json.key("category");
  json.value(v.category);
  json.key("priority");
  json.value(domain::to_word(v.priority));
  json.key("emergency");
  json.value(v.emergency);
  json.key("confidence");
  json.value(static_cast<double>(v.confidence));
  json.key("method");
  json.value(v.method);
  json.end_object();
  out << line << '\n';
}

}  // namespace

std::vector<scored_verdict> classify_all(const classifier::engine& engine,
                                         const std::vector<classifier::labelled_ticket>& tickets,
                                         double& us_per_ticket) {
  std::vector<scored_verdict> verdicts;
  verdicts.reserve(tickets.size());
  double us = 0;
  for (const auto& t : tickets) {
    auto in = to_input(t);
    auto begin = thread_microseconds();
    auto given = engine.classify(in);
    us += thread_microseconds() - begin;
    verdicts.push_back({t.category, t.other_category, t.language, t.priority, t.emergency, std::move(given)});
  }
  us_per_ticket = tickets.empty() ? 0 : us / static_cast<double>(tickets.size());
  return verdicts;
}

void print_scores(const classifier::evaluation& e, double us_per_ticket) {
  std::cout << classifier::to_table(e) << std::flush;
  std::printf(
      "accuracy %.4f macro_f1 %.4f emergency_recall %.4f emergency_precision %.4f ece %.4f us_per_ticket %.1f\n",
      e.accuracy, e.macro_f1, e.emergency_recall, e.emergency_precision, e.calibration_error, us_per_ticket);
  std::fflush(stdout);
}

int classify(const classify_request& request) {
  auto read = read_corpus(request.file);
  if (!read) {
    std::cerr << "usher classify: " << read.error().detail << '\n';
    return 1;
  }
  classifier::engine engine;
  if (!request.model_file.empty()) {
    auto other = load_model(request.model_file);
    if (!other) {
      std::cerr << "usher classify: " << other.error().detail << '\n';
      return 1;
    }
    engine.replace_model(std::move(*other));
  }
  std::vector<classifier::labelled_ticket> tickets;
  std::vector<bool> labelled;
  for (auto& t : *read) {
    tickets.push_back(std::move(t.ticket));
    labelled.push_back(t.labelled);
  }
  double us_per_ticket = 0;
  auto verdicts = classify_all(engine, tickets, us_per_ticket);
  if (!request.verdicts_file.empty()) {
    std::ofstream out(request.verdicts_file);
    for (std::size_t i = 0; i < tickets.size(); ++i) write_verdict(out, tickets[i].id, verdicts[i].given);
    if (!out.flush()) {
      std::cerr << "usher classify: " << request.verdicts_file << " can't be written\n";
      return 1;
    }
  }
  std::vector<scored_verdict> scored;
  for (std::size_t i = 0; i < verdicts.size(); ++i)
    if (labelled[i]) scored.push_back(std::move(verdicts[i]));
  if (scored.empty()) {
    std::cout << tickets.size() << " tickets without labels: there is nothing to score\n";
    return request.verdicts_file.empty() ? 1 : 0;
  }
  print_scores(classifier::evaluate(scored), us_per_ticket);
  return 0;
}

}  // namespace usher::app
