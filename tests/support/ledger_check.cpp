#include "tests/support/ledger_check.hpp"

#include <map>
#include <set>

#include "domain/sla_clock.hpp"

namespace usher::test {

namespace {

using domain::instant;
using domain::milliseconds;

constexpr std::string_view clock_events_sql =
    "select ticket_id, clock, cycle, type, (extract(epoch from at) * 1000)::bigint, "
    "(extract(epoch from detected_at) * 1000)::bigint, target_ms, seq from usher.support_sla_events order by "
    "ticket_id, seq";

constexpr std::string_view audit_sql =
    "select t.id from usher.support_tickets t left join usher.audit_log a on a.ticket_id = t.id group by t.id, "
    "t.version "
    "having count(a.id) <> t.version or count(distinct a.version) <> t.version or min(a.version) <> 1 "
    "or max(a.version) <> t.version";

std::string served(const json& clock, const char* member) {
  return clock.is_null(member) ? "null" : clock.text(member);
}

std::string folded(const std::optional<instant>& at) { return at ? domain::format_rfc3339(*at) : "null"; }

class checker {
 public:
  checker(desk& d, const ledger& what) : what_(what), database_(d.database()), staff_(d.as("agent", "checker")) {}

  std::vector<std::string> check() {
    for (const auto& each : what_.unexpected) wrong_.push_back("unexpected answer: " + each);
    expect(!what_.tickets.empty(), "nothing was acknowledged");
    replay();
    std::set<std::string> ids;
    for (const auto& ticket : what_.tickets) {
      expect(ids.insert(ticket.id).second, "one id for two tickets: " + ticket.id);
      check_ticket(ticket);
    }
    check_tables();
    return std::move(wrong_);
  }

 private:
  void expect(bool truth, const std::string& otherwise) {
    if (!truth) wrong_.push_back(otherwise);
  }

  /// Folds the stored events of every ticket. Each list is counted without gaps.
  void replay() {
    std::string last_ticket;
    int last_seq = 0;
    for (const auto& row : database_->rows(std::string(clock_events_sql))) {
      const auto& ticket = *row[0];
      if (ticket != last_ticket) last_seq = 0;
      last_ticket = ticket;
      expect(std::stoi(*row[7]) == ++last_seq, "a gap in the clock events of " + ticket);
      domain::clock_event event;
      event.type = domain::parse_clock_event_type(*row[3]).value();
      event.at = instant{milliseconds{std::stoll(*row[4])}};
      event.detected_at = instant{milliseconds{std::stoll(*row[5])}};
      if (row[6]) event.target = milliseconds{std::stoll(*row[6])};
      fold(replayed_[ticket], domain::parse_clock_kind(*row[1]).value(), std::stoi(*row[2]), event);
    }
  }

  static void fold(std::vector<domain::sla_clock>& clocks, domain::clock_kind kind, int cycle,
                   const domain::clock_event& event) {
    if (event.type == domain::clock_event_type::start) {
      clocks.emplace_back(kind, cycle, event);
      return;
    }
    for (auto& clock : clocks) {
      if (clock.kind() == kind && clock.cycle() == cycle) clock.apply(event);
    }
  }

  void check_ticket(const ledger_ticket& expected) {
    std::string name = expected.subject + " (" + expected.id + "): ";
    auto answer = staff_.get(path_of(expected.id));
    if (answer.status != 200) return expect(false, name + "lost, " + std::to_string(answer.status));
    json ticket(answer.body);
    expect(ticket.text("/subject") == expected.subject, name + "another subject");
    expect(ticket.text("/body") == "from " + expected.subject, name + "another body");
    expect(ticket.text("/organization_id") == expected.organization, name + "another organization");
    check_changes(name, expected, ticket);
    for (const auto& clock : ticket.items("/sla")) {
      auto due = expected.due_at.find(clock.text("/clock"));
      if (due != expected.due_at.end()) expect(served(clock, "/due_at") == due->second, name + "a deadline moved");
    }
    check_clocks(name, ticket, replayed_[expected.id]);
    check_messages(name, expected);
  }

  void check_changes(const std::string& name, const ledger_ticket& expected, const json& ticket) {
    auto step = ticket.number("/custom_fields/step");
    auto version = ticket.number("/version");
    versions_[expected.id] = version;
    auto settled = 1 + expected.steps + static_cast<std::int64_t>(expected.messages.size());
    if (expected.unsettled) {
      expect(step == expected.steps || step == expected.steps + 1, name + "another last update");
      expect(version >= settled, name + "too low a version");
    } else {
      expect(step == expected.steps, name + "another last update");
      expect(version == settled,
             name + "version " + std::to_string(version) + " for " + std::to_string(settled) + " acknowledged changes");
    }
  }

  void check_clocks(const std::string& name, const json& ticket, const std::vector<domain::sla_clock>& replayed) {
    auto clocks = ticket.items("/sla");
    if (clocks.size() != replayed.size()) return expect(false, name + "another number of clocks than its events give");
    auto now = domain::system_clock_port().now();
    for (std::size_t i = 0; i < clocks.size(); ++i) {
      bool same = clocks[i].text("/clock") == to_word(replayed[i].kind()) &&
                  clocks[i].number("/cycle") == replayed[i].cycle() &&
                  served(clocks[i], "/started_at") == folded(replayed[i].started_at()) &&
                  served(clocks[i], "/due_at") == folded(replayed[i].due_at()) &&
                  served(clocks[i], "/stopped_at") == folded(replayed[i].stopped_at()) &&
                  served(clocks[i], "/breached_at") == folded(replayed[i].breached_at(now));
      expect(same, name + "the events don't give the clock " + clocks[i].dump());
    }
  }

  void check_messages(const std::string& name, const ledger_ticket& expected) {
    std::map<std::string, std::string> found;
    std::set<std::string> bodies;
    for (const auto& message : walk(staff_, path_of(expected.id, "/messages"))) {
      found[message.text("/id")] = message.text("/body");
      expect(bodies.insert(message.text("/body")).second, name + "a message is there twice");
    }
    for (const auto& [id, body] : expected.messages) expect(found[id] == body, name + "a message is lost: " + body);
    if (!expected.unsettled) expect(found.size() == expected.messages.size(), name + "another number of messages");
  }

  void check_tables() {
    expect(database_->rows("select subject from usher.support_tickets group by 1 having count(*) > 1").empty(),
           "a ticket is there twice");
    expect(database_->rows("select body from usher.ticket_messages group by 1 having count(*) > 1").empty(),
           "a message is there twice");
    expect(database_->count("select count(*) - count(distinct number) from usher.support_tickets") == 0,
           "a number is there twice");
    auto stored = database_->count("select count(*) from usher.support_tickets");
    auto acknowledged = static_cast<long>(what_.tickets.size());
    expect(stored >= acknowledged && stored <= acknowledged + static_cast<long>(what_.given_up.size()),
           std::to_string(stored) + " tickets are stored, " + std::to_string(acknowledged) + " were acknowledged");
    for (const auto& row : database_->rows(std::string(audit_sql)))
      expect(false, "the audit trail has not one entry a version: " + *row[0]);
    for (const auto& row : database_->rows("select id, version from usher.support_tickets")) {
      auto found = versions_.find(*row[0]);
      expect(found == versions_.end() || std::stol(*row[1]) == found->second, "another version is stored: " + *row[0]);
    }
  }

  const ledger& what_;
  std::unique_ptr<pg> database_;
  person staff_;
  std::map<std::string, std::vector<domain::sla_clock>> replayed_;
  std::map<std::string, std::int64_t> versions_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> differences(desk& d, const ledger& what) { return checker(d, what).check(); }

}  // namespace usher::test
