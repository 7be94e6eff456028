#include "loadtest/report.hpp"

#include <fstream>
#include <iomanip>
#include <ostream>
#include <stdexcept>

#include "domain/json_writer.hpp"

namespace usher::load {

namespace {

void write_ticket(domain::json_writer& w, const cast& who, const sent_ticket& t) {
  const auto& organization = who.organizations[t.organization];
  w.begin_object();
  w.member("corpus_id", t.source->id);
  w.member("id", t.id);
  w.member("number", t.number);
  w.member("organization_id", organization.id);
  w.member("tier", organization.tier);
  w.member("status", t.status);
  w.member("priority", t.priority);
  w.member("version", t.version);
  w.member("subject", t.source->subject);
  w.member("body", t.source->body);
  w.key("messages");
  w.begin_array();
  for (const auto& m : t.messages) {
    w.begin_object();
    w.member("id", m.id);
    w.member("author_id", m.author);
    w.member("visibility", m.visibility);
    w.member("body", m.body);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

}  // namespace

void print_summary(std::ostream& out, const corpus_run& run) {
  const auto& s = run.summary();
  const auto& c = run.counts();
  auto line = [&](const char* name, auto value) { out << std::left << std::setw(24) << name << value << '\n'; };
  out << std::fixed << std::setprecision(2);
  line("tickets posted", s.tickets);
  line("organizations", run.who().organizations.size());
  line("messages", s.messages);
  line("other changes", s.changes);
  line("lists walked", s.lists);
  line("requests", c.requests.load());
  line("refused and repeated", c.refused.load());
  line("cut and repeated", c.cut.load());
  line("seconds to post", s.post_seconds);
  line("seconds to read back", s.read_seconds);
  line("compared", run.found().compared());
  line("mismatches", run.found().mismatches());
}

void write_report(const std::string& path, const corpus_run& run) {
  std::string text;
  domain::json_writer w(text);
  w.begin_object();
  w.member("seed", run.who().seed);
  w.member("compared", run.found().compared());
  w.member("mismatches", run.found().mismatches());
  w.key("tickets");
  w.begin_array();
  for (const auto& t : run.tickets()) {
    if (!t.id.empty()) write_ticket(w, run.who(), t);
  }
  w.end_array();
  w.end_object();
  std::ofstream file(path);
  file << text << '\n';
  file.close();
  if (!file) throw std::runtime_error("can't write " + path);
}

}  // namespace usher::load
