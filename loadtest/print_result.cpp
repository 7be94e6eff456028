#include <ostream>

#include "loadtest/live_view.hpp"

namespace usher::load {

namespace {

std::string padded(std::string text, std::size_t width, bool right = false) {
  std::size_t shown = 0;
  for (char c : text) shown += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  if (shown >= width) return text;
  std::string room(width - shown, ' ');
  return right ? room + text : text + room;
}

std::string ms(const histogram& h, double q) { return h.count() == 0 ? "–" : show_duration(h.quantile(q)); }

void print_steps(std::ostream& out, const terminal& on, const run_result& r) {
  std::map<std::pair<std::size_t, role>, cell> steps;
  for (const auto& [key, figures] : r.total.cells) steps[{key.name, key.who}].merge(figures);
  auto row = [&](std::string name, std::vector<std::string> columns) {
    std::string line = "  " + padded(std::move(name), 26);
    for (auto& c : columns) line += padded(std::move(c), 11, true);
    return line + "\n";
  };
  out << painted(on, ink::faint, row("step", {"requests", "planned", "refused", "failed", "p50", "p95", "p99", "max"}));
  for (const auto& [key, c] : steps) {
    auto by = [&](outcome o) { return static_cast<double>(c.by_outcome[static_cast<std::size_t>(o)]); };
    double failed = by(outcome::unplanned) + by(outcome::timed_out) + by(outcome::cut);
    auto name = r.what.names[key.first] + " (" + std::string(to_word(key.second)) + ")";
    if (by(outcome::absent) > 0) name += " absent";
    out << row(std::move(name),
               {show_count(static_cast<double>(c.requests())), show_count(by(outcome::planned)),
                show_count(by(outcome::refused)), show_count(failed), ms(c.duration, 0.5), ms(c.duration, 0.95),
                ms(c.duration, 0.99), c.duration.count() == 0 ? "–" : show_duration(c.duration.max())});
  }
}

void print_statuses(std::ostream& out, const cell& all) {
  out << "  statuses ";
  for (const auto& [status, count] : all.by_status) out << " " << status << ": " << show_count(double(count)) << ' ';
  auto by = [&](outcome o) { return static_cast<double>(all.by_outcome[static_cast<std::size_t>(o)]); };
  out << " timed out: " << show_count(by(outcome::timed_out)) << "  cut: " << show_count(by(outcome::cut))
      << "  writes of unknown outcome: " << show_count(double(all.unknown)) << '\n';
}

void print_server(std::ostream& out, const run_result& r, const cell& all) {
  if (r.server_blind) {
    if (!r.what.metrics.empty()) out << "  server    has no " << r.what.metrics << " that could be read\n";
    return;
  }
  const auto& s = r.server_total;
  if (s.requests)
    out << "  server    counted " << show_count(*s.requests) << " requests while " << show_count(double(all.requests()))
        << " were sent" << (s.created ? "; created " + show_count(*s.created) + " tickets" : "") << '\n';
  if (s.memory_before_bytes && s.memory_after_bytes && s.memory_most_bytes)
    out << "  memory    " << show_number(*s.memory_before_bytes / 1e6, 1) << " MB before, "
        << show_number(*s.memory_after_bytes / 1e6, 1) << " MB after, " << show_number(*s.memory_most_bytes / 1e6, 1)
        << " MB at most\n";
  if (s.breaches)
    out << "  SLA       " << show_count(*s.breaches) << " breaches"
        << (s.escalations ? ", " + show_count(*s.escalations) + " escalations" : "")
        << (s.lateness_p99_seconds
                ? ", timers late by " + show_duration(from_seconds(*s.lateness_p99_seconds)) + " (p99)"
                : "")
        << '\n';
}

void print_limit(std::ostream& out, const terminal& on, const run_result& r) {
  if (!r.limit) return;
  const auto& l = *r.limit;
  out << painted(on, ink::bold, "  gave way") << "  at " << show_count(l.planned_rate) << " journeys/s, "
      << show_number(l.at_seconds, 0) << " s into the run: " << l.condition << " was " << show_number(l.value, 2)
      << "; up to " << show_count(l.held_rate) << " journeys/s (" << show_count(l.held_requests)
      << " requests/s) everything held" << (l.generator_was_late ? "; but the generator was late then itself" : "")
      << '\n';
}

void print_verified(std::ostream& out, const terminal& on, const verification& v) {
  out << "  kept      " << show_count(double(v.tickets)) << " tickets and " << show_count(double(v.messages))
      << " messages were acknowledged; lost in the API: "
      << show_count(double(v.tickets_lost_in_api + v.messages_lost_in_api));
  if (v.in_database)
    out << ", in the database: " << show_count(double(v.tickets_lost_in_database + v.messages_lost_in_database));
  out << '\n';
  if (v.not_kept > 0) out << "            " << show_count(double(v.not_kept)) << " more were not looked for\n";
  if (!v.problem.empty()) out << painted(on, ink::bad, "  not seen  ") << v.problem << '\n';
  for (const auto& what : v.first_lost) out << painted(on, ink::bad, "  lost      ") << what << '\n';
}

}  // namespace

void print_result(std::ostream& out, const terminal& on, const run_result& r) {
  auto all = r.total.sum();
  double seconds = r.seconds > 0 ? r.seconds : 1;
  out << '\n'
      << painted(on, ink::bold, r.what.name) << "  " << r.ended << " after " << show_duration(from_seconds(r.seconds))
      << ": " << show_count(double(r.total.journeys)) << " journeys, " << show_count(double(all.requests()))
      << " requests, " << show_count(double(all.requests()) / seconds) << "/s, seed " << r.seed << "\n\n";
  print_steps(out, on, r);
  out << '\n';
  print_statuses(out, all);
  if (r.total.dropped + r.total.skipped > 0)
    out << "  journeys  dropped: " << show_count(double(r.total.dropped))
        << "  skipped for want of a ticket: " << show_count(double(r.total.skipped)) << '\n';
  if (r.events > 0) out << "  events    " << show_count(double(r.events)) << " received\n";
  print_server(out, r, all);
  if (r.recovery_seconds >= 0)
    out << "  wave      "
        << (r.recovery_seconds == 0 ? std::string("did no harm")
                                    : "recovered from within " + show_duration(from_seconds(r.recovery_seconds)))
        << '\n';
  print_limit(out, on, r);
  if (r.verified) print_verified(out, on, *r.verified);
  out << "  " << painted(on, r.generator.is_bottleneck ? ink::warning : ink::plain, "generator") << " "
      << r.generator.words << "\n\n";
  for (const auto& v : r.verdicts) {
    auto value = v.value ? show_number(*v.value, is_duration(v.what.metric) ? 2 : 4) : std::string("not measured");
    out << "  " << painted(on, v.ok ? ink::good : ink::bad, v.ok ? "✓" : "✗") << " " << v.what.text << "  "
        << painted(on, ink::faint, value) << '\n';
  }
}

}  // namespace usher::load
