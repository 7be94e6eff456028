// The office that exports and erases: a thread with a connection of its own, as `usher_eraser`.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "domain/privacy_office.hpp"
#include "domain/ticket_commands.hpp"
#include "store/connection.hpp"
#include "store/ports.hpp"
#include "store/privacy_rows.hpp"

namespace usher::store {

/// One of the desk's people, as far as it matters for erasing their record.
struct known_agent {
  std::string id;
  bool offline = true;
  std::int64_t load = 0;  ///< of open tickets
};

struct privacy_settings {
  connect_target eraser;
  std::string key;  ///< of the HMAC that stands for a person in certificates
  /// Changes a ticket through whoever owns it.
  std::function<void(domain::ticket_id, domain::ticket_command, domain::caller, domain::completion<std::monostate>)>
      change_ticket;
  /// Which of the desk's people that is; nothing when it is none. Absent: there are none.
  std::function<std::optional<known_agent>(const domain::personal_subject&)> find_agent;
  /// Takes out of an agent's record who it was.
  std::function<void(std::string id, domain::uuid erasure, domain::completion<std::monostate>)> erase_agent;
  /// Exports of more tickets than this are made later.
  int tickets_at_once = 500;
};

/// An erasure is a row, written before anything is erased; what is running is taken up again at the start. It goes
/// ticket by ticket: first the ticket's own texts, through its actor, then what hangs on it, in one transaction. A
/// phrase is searched for first, a page of tickets at a time, and waits until somebody confirms what was found.
class privacy_office final : public domain::privacy_office {
 public:
  privacy_office(privacy_settings settings, const domain::clock_port& clock, writer& trail);
  ~privacy_office() override;
  privacy_office(const privacy_office&) = delete;
  privacy_office& operator=(const privacy_office&) = delete;

  void start();
  /// What is running goes on at the next start.
  void stop();

  void ask(domain::privacy_question what, const domain::caller& by,
           domain::completion<domain::privacy_answer> done) override;

 private:
  struct waiting {
    domain::privacy_question what;
    domain::caller by;
    domain::completion<domain::privacy_answer> done;
  };
  struct running_erasure {
    domain::uuid id;
    bool searching = false;
    person who;
    std::string phrase;
    std::string agent;  ///< whose record goes, too
    domain::uuid searched_to;
    domain::instant requested_at{};
    std::string by;
  };
  struct hits_of_ticket {
    std::int64_t count = 0;
    std::vector<std::pair<std::string_view, std::string>> shown;  ///< the place's word, and the words around
    [[nodiscard]] std::string to_json() const;
  };
  using answer = domain::result<domain::privacy_answer>;

  void run();
  void answer_one(waiting what);
  /// Goes on with what is running; false when there is nothing to do now.
  bool work();
  void tidy();

  answer on(const domain::erase_question& what, const domain::caller& by);
  answer on(const domain::confirm_question& what, const domain::caller& by);
  answer on(const domain::erasure_question& what, const domain::caller& by);
  answer on(const domain::erasures_question& what, const domain::caller& by);
  answer on(const domain::export_question& what, const domain::caller& by);
  answer on(const domain::export_state_question& what, const domain::caller& by);
  answer on(const domain::retention_question& what, const domain::caller& by);
  answer on(const domain::retention_change& what, const domain::caller& by);

  /// Goes on with an erasure for as long as whoever asked waits.
  answer go_on(const domain::uuid& id, const domain::caller& by);
  /// One step of an erasure; true when there is nothing to do for it now.
  bool step(const domain::uuid& id);
  bool search(const running_erasure& what);
  /// Ends it without having erased anything, and keeps that it was asked for.
  void refuse(const domain::uuid& id, std::string_view word, std::string by);
  /// Why nothing can be erased: the law holds all of the tickets that are left to do. Nothing when some are free.
  [[nodiscard]] std::optional<std::string> held_back(const domain::uuid& id,
                                                     const std::optional<std::vector<domain::uuid>>& tickets);
  void forget_previews();
  [[nodiscard]] std::optional<running_erasure> find_running(const domain::uuid& id);
  void erase_ticket(const running_erasure& what, const domain::ticket_id& id);
  /// Where these tickets say the phrase; their own texts only, if that is wanted.
  [[nodiscard]] std::map<domain::uuid, hits_of_ticket> hits_of(const std::string& phrase,
                                                               const std::vector<domain::uuid>& tickets, bool own);
  [[nodiscard]] std::vector<scrub> phrase_scrubs(const running_erasure& what, const domain::ticket_id& id);
  void finish(const running_erasure& what);
  void make_export(const domain::uuid& id);
  [[nodiscard]] answer view_of(const domain::uuid& id, const domain::caller& by, bool with_found = false);

  /// Runs the statements as one transaction. Throws `unavailable_error`.
  std::vector<rows> transact(std::vector<statement> statements);
  rows one(std::string sql, parameters params);
  [[nodiscard]] std::string hmac_of(const domain::personal_subject& who) const;
  void note(std::string action, std::string details, std::string by, domain::role role);

  privacy_settings settings_;
  const domain::clock_port& clock_;
  writer& trail_;
  std::optional<connection> connection_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<waiting> queue_;
  bool stopping_ = false;
  std::deque<domain::uuid> erasures_;  ///< of the thread: what is running
  std::deque<domain::uuid> exports_;
  bool taken_up_ = false;
  steady_time rest_until_{};  ///< after a failure
  steady_time tidy_at_{};
  std::thread thread_;
};

}  // namespace usher::store
