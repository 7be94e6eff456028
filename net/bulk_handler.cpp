// One change for many tickets, each of which takes or refuses it for itself.
#include <atomic>

#include "domain/json_writer.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::result;

namespace {

/// Gathers the answers; the last one to come ends the request.
class bulk_update : public std::enable_shared_from_this<bulk_update> {
 public:
  bulk_update(bulk_body what, responder to, claimed_key key)
      : what_(std::move(what)),
        to_(std::move(to)),
        key_(std::move(key)),
        answers_(what_.ids.size()),
        left_(answers_.size()) {}

  void start(gateway& desk, const submission& pattern) {
    for (std::size_t i = 0; i < what_.ids.size(); ++i) {
      submission one{what_.ids[i], what_.set, pattern.by, std::nullopt, std::nullopt, pattern.deadline};
      desk.submit(std::move(one),
                  domain::completion<outcome>([self = shared_from_this(), &desk, i](result<outcome> done) {
                    if (!done) self->answers_[i] = std::move(done.error());
                    if (self->left_.fetch_sub(1) == 1) self->finish(desk);
                  }));
    }
  }

 private:
  void finish(gateway& desk) {
    stored_answer answer;
    answer.status = 200;
    domain::json_writer w(answer.body);
    w.begin_object();
    w.key("results");
    w.begin_array();
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      w.begin_object();
      w.member("id", what_.ids[i]);
      w.member("status", answers_[i] ? status_of(answers_[i]->code) : 200);
      if (answers_[i]) w.raw_member("problem", problem_text(*answers_[i], to_.in()));
      w.end_object();
    }
    w.end_array();
    w.end_object();
    send_kept(desk, std::move(to_), std::move(key_), std::move(answer));
  }

  bulk_body what_;
  responder to_;
  claimed_key key_;
  std::vector<std::optional<domain::error>> answers_;
  std::atomic<std::size_t> left_;
};

}  // namespace

void update_tickets(const request& in, services& with, responder to) {
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_bulk(*body);
  if (!decoded) return to.fail(decoded.error());
  submission pattern;
  pattern.by = *in.caller;
  pattern.deadline = deadline_of(in, with);
  auto& desk = with.desk();
  with_key(in, with, std::move(to),
           [&desk, pattern, what = std::move(*decoded)](claimed_key key, responder back) mutable {
             std::make_shared<bulk_update>(std::move(what), std::move(back), std::move(key))->start(desk, pattern);
           });
}

}  // namespace usher::net
