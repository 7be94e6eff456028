// Makes a model from labelled tickets.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "classifier/model.hpp"
#include "classifier/reading.hpp"

namespace usher::classifier {

/// A ticket with what is right for it.
struct labelled_ticket {
  std::string id;
  std::string subject;
  std::string body;
  std::string requester;  ///< couple, vendor, …, or empty
  std::optional<double> hours_to_wedding;
  std::string category;
  std::string other_category;  ///< right as well; empty when there is none
  domain::priority priority = domain::priority::medium;
  bool emergency = false;
  std::string language;
  std::string group;        ///< the file it came from
  bool translated = false;  ///< a machine's translation of the ticket with this id: learnt from, not scored
  bool written = false;     ///< written to teach, not by a sender: learnt from, not scored
};

struct training_options {
  float words = 1.5F;
  float pieces = 0.6F;
  float concepts = 0.4F;
  float evidence = 0.15F;
  std::size_t rounds = 8;                            ///< how often each ticket is read
  float rate = 0.1F;                                 ///< of the descent
  float decay = 1e-4F;                               ///< of weights, a step
  float left_out = 0.3F;                             ///< the share of a ticket's features that each reading ignores
  float translated = 0.3F;                           ///< what a translation weighs beside a ticket
  double judge_cost = 0.03;                          ///< liblinear's C of the emergency's judgement
  std::size_t folds = 5;                             ///< for what is fitted on tickets that were held out
  std::function<void(const std::string&)> progress;  ///< called with a line now and then, when set
};

/// The same tickets and options give the same model, bit for bit, on one kind of machine. Refused: fewer tickets than
/// folds, a category that the contract does not have.
[[nodiscard]] domain::result<std::shared_ptr<const model>> train_model(const std::vector<labelled_ticket>& tickets,
                                                                       const prepared_patterns& patterns,
                                                                       const training_options& options);

}  // namespace usher::classifier
