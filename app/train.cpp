#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>

#include "app/commands.hpp"
#include "app/corpus.hpp"
#include "app/scoring.hpp"
#include "classifier/classifier.hpp"
#include "classifier/embedded.hpp"

namespace usher::app {

namespace {

using classifier::labelled_ticket;
using tickets_ptr = std::vector<labelled_ticket>;

/// A library in its file's format, or the one that is built in.
domain::result<std::vector<classifier::pattern>> read_patterns(const std::string& file) {
  if (file.empty()) return classifier::shipped_patterns();
  std::ifstream in(file, std::ios::binary);
  if (!in) return domain::fail(domain::errc::invalid, file + " can't be read");
  return classifier::parse_patterns(std::string(std::istreambuf_iterator<char>(in), {}));
}

classifier::training_options options_of(const train_request& request) {
  classifier::training_options options = request.options;
  if (!request.quiet) options.progress = [](const std::string& line) { std::cerr << line << '\n'; };
  return options;
}

/// For each file: trains on the others, scores on it. The verdict of tickets that come from other hands.
int leave_one_file_out(const tickets_ptr& tickets, const std::vector<classifier::pattern>& patterns,
                       const classifier::prepared_patterns& prepared, const train_request& request) {
  std::set<std::string> groups;
  for (const auto& t : tickets)
    if (!t.written) groups.insert(t.group);
  std::vector<classifier::scored_verdict> all;
  double us = 0;
  for (const auto& group : groups) {
    tickets_ptr others;
    tickets_ptr held;
    for (const auto& t : tickets) {
      if (t.group != group) others.push_back(t);
      if (t.group == group && !t.translated) held.push_back(t);
    }
    auto trained = classifier::train_model(others, prepared, options_of(request));
    if (!trained) {
      std::cerr << "usher train: " << trained.error().detail << '\n';
      return 1;
    }
    classifier::engine engine(patterns, *trained);
    auto verdicts = classify_all(engine, held, us);
    std::cout << "held out: " << group << '\n';
    print_scores(classifier::evaluate(verdicts), us);
    std::cout << '\n';
    std::ranges::move(verdicts, std::back_inserter(all));
  }
  for (const char* language : {"en", "es", "fr"}) {
    std::vector<classifier::scored_verdict> some;
    std::ranges::copy_if(all, std::back_inserter(some), [&](const auto& v) { return v.language == language; });
    auto e = classifier::evaluate(some);
    std::cout << language << ": " << e.tickets << " tickets, accuracy " << e.accuracy << ", emergency recall "
              << e.emergency_recall << ", precision " << e.emergency_precision << '\n';
  }
  std::cout << "all files, each held out once\n";
  print_scores(classifier::evaluate(all), us);
  return 0;
}

}  // namespace

domain::result<tickets_ptr> read_training_files(const train_request& request) {
  tickets_ptr all;
  for (const auto& file : request.files) {
    auto read = read_corpus(file);
    if (!read) return std::unexpected(read.error());
    for (auto& t : *read)
      if (t.labelled) all.push_back(std::move(t.ticket));
  }
  for (const auto& file : request.written) {
    auto read = read_corpus(file);
    if (!read) return std::unexpected(read.error());
    for (auto& t : *read) {
      if (!t.labelled) continue;
      t.ticket.written = true;
      all.push_back(std::move(t.ticket));
    }
  }
  for (const auto& file : request.translations)
    if (auto added = add_translations(file, all); !added) return std::unexpected(added.error());
  return all;
}

int train(const train_request& request) {
  auto refuse = [](const domain::error& why) {
    std::cerr << "usher train: " << why.detail << '\n';
    return 1;
  };
  auto tickets = read_training_files(request);
  if (!tickets) return refuse(tickets.error());
  auto patterns = read_patterns(request.patterns_file);
  if (!patterns) return refuse(patterns.error());
  auto prepared = classifier::prepare_patterns(*patterns);
  if (!prepared) return refuse(prepared.error());
  if (request.evaluate) return leave_one_file_out(*tickets, *patterns, *prepared, request);

  auto trained = classifier::train_model(*tickets, *prepared, options_of(request));
  if (!trained) return refuse(trained.error());
  auto bytes = (*trained)->serialize();
  auto shipped = classifier::embedded_model();
  if (request.compare) {
    bool same = std::ranges::equal(bytes, shipped);
    std::cout << (same ? "the same as the model that is built in\n" : "differs from the model that is built in\n");
    if (request.out_file.empty()) return same ? 0 : 3;
  }
  std::ofstream out(request.out_file, std::ios::binary);
  out << bytes;
  if (!out.flush()) return refuse({domain::errc::invalid, request.out_file + " can't be written"});
  std::cout << "wrote " << request.out_file << ": " << bytes.size() << " bytes, from " << (*trained)->parts().tickets
            << " tickets\n";
  return 0;
}

}  // namespace usher::app
