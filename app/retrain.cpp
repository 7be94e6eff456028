// `usher retrain`: learns from what the desk's people have corrected, and only replaces a model by one that is no
// worse.
#include <cstdint>
#include <cstdio>
#include <iostream>

#include "app/commands.hpp"
#include "app/corpus.hpp"
#include "app/desk_model.hpp"
#include "app/scoring.hpp"
#include "classifier/classifier.hpp"
#include "store/corrections.hpp"

namespace usher::app {

namespace {

using classifier::labelled_ticket;
using tickets = std::vector<labelled_ticket>;
using model_ptr = std::shared_ptr<const classifier::model>;

constexpr int refused_exit = 3;
/// Fewer corrections than this tell two models apart by chance only.
constexpr std::size_t corrections_min = 20;
/// Of corrected tickets one in four is kept out of the training, to compare on.
constexpr std::uint64_t kept_out_of = 4;
/// On tickets that both models have learnt from, the new one may lose what is no more than noise.
constexpr double corpus_loss_max = 0.005;

int complain(const std::string& why, int code = 1) {
  std::cerr << "usher retrain: " << why << '\n';
  return code;
}

store::sql_result<std::vector<store::corrected_ticket>> read_from(const retrain_request& request) {
  if (!request.database.empty()) return store::read_corrections(request.database);
  return store::read_corrections(std::filesystem::path(request.data));
}

/// The same ticket is kept out every time, so that no model is ever judged on what the one before it has learnt.
bool is_kept_out(const std::string& id) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return (hash ^ hash >> 32U) % kept_out_of == 0;
}

struct division {
  tickets learnt;
  tickets kept_out;
};

/// A category that the desk has added is none that a model could give.
division divide(const std::vector<store::corrected_ticket>& corrected) {
  division out;
  for (const auto& c : corrected) {
    if (!classifier::category_index(c.category)) continue;
    labelled_ticket t;
    t.id = c.id;
    t.subject = c.subject;
    t.body = c.body;
    t.hours_to_wedding = c.hours_to_wedding;
    t.category = c.category;
    t.priority = c.priority;
    t.emergency = c.emergency;
    t.group = "corrected";
    (is_kept_out(c.id) ? out.kept_out : out.learnt).push_back(std::move(t));
  }
  return out;
}

classifier::evaluation score(const std::vector<classifier::pattern>& patterns, const model_ptr& by, const tickets& on) {
  classifier::engine engine(patterns, by);
  double us = 0;
  return classifier::evaluate(classify_all(engine, on, us));
}

struct comparison {
  classifier::evaluation before;
  classifier::evaluation after;
};

void tell(const char* where, const comparison& c) {
  std::printf("%s: %zu tickets, accuracy %.4f before, %.4f after; emergency recall %.4f before, %.4f after\n", where,
              c.after.tickets, c.before.accuracy, c.after.accuracy, c.before.emergency_recall,
              c.after.emergency_recall);
}

/// Why the new model must not replace the old one; empty when it may.
std::string verdict_on(const comparison& corrected, const comparison& corpus) {
  if (corrected.after.accuracy < corrected.before.accuracy)
    return "it is worse on corrected tickets that it has not seen";
  if (corpus.after.accuracy < corpus.before.accuracy - corpus_loss_max) return "it has become worse on the corpus";
  if (corpus.after.emergency_recall < corpus.before.emergency_recall - corpus_loss_max)
    return "it misses more emergencies of the corpus";
  return {};
}

domain::result<tickets> read_corpora(const retrain_request& request) {
  train_request files;
  files.files = request.files;
  files.written = request.written;
  files.translations = request.translations;
  return read_training_files(files);
}

int learn(const retrain_request& request, const desk_model& kept) {
  auto found = read_from(request);
  if (!found) return complain("the corrections can't be read: " + found.error().message);
  auto corrected = divide(*found);
  std::cout << corrected.learnt.size() + corrected.kept_out.size() << " corrected tickets, "
            << corrected.kept_out.size() << " of them kept out to compare on\n";
  if (corrected.learnt.size() + corrected.kept_out.size() < corrections_min || corrected.kept_out.empty())
    return complain("that is too few to learn from: " + std::to_string(corrections_min) + " are needed", refused_exit);

  auto all = read_corpora(request);
  if (!all) return complain(all.error().detail);
  tickets corpus;
  for (const auto& t : *all)
    if (!t.translated && !t.written) corpus.push_back(t);
  all->insert(all->end(), corrected.learnt.begin(), corrected.learnt.end());
  const auto& patterns = classifier::shipped_patterns();
  auto prepared = classifier::prepare_patterns(patterns);
  if (!prepared) return complain(prepared.error().detail);
  auto old = kept.load();
  if (!old) return complain(old.error().detail + "; --revert goes back to the one before");
  classifier::training_options options;
  if (!request.quiet) options.progress = [](const std::string& line) { std::cerr << line << '\n'; };
  auto fresh = classifier::train_model(*all, *prepared, options);
  if (!fresh) return complain(fresh.error().detail);

  auto compared = [&](const tickets& on) { return comparison{score(patterns, *old, on), score(patterns, *fresh, on)}; };
  auto on_corrected = compared(corrected.kept_out);
  auto on_corpus = compared(corpus);
  tell("corrected tickets that were kept out", on_corrected);
  tell("the corpus", on_corpus);
  if (auto why = verdict_on(on_corrected, on_corpus); !why.empty())
    return complain("the new model is not taken: " + why, refused_exit);
  if (request.dry_run) {
    std::cout << "the new model would be taken\n";
    return 0;
  }
  if (auto done = kept.replace((*fresh)->serialize()); !done) return complain(done.error().detail);
  std::cout << "the new model is in place; the desk goes by it from its next start on\n";
  return 0;
}

}  // namespace

int retrain(const retrain_request& request) {
  desk_model kept(request.data);
  if (!request.revert) return learn(request, kept);
  if (auto done = kept.revert(); !done) return complain(done.error().detail);
  std::cout << (kept.exists() ? "back to the desk's model before" : "back to the model that is built in")
            << ", from the desk's next start on\n";
  return 0;
}

}  // namespace usher::app
