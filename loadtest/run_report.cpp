#include "loadtest/run_report.hpp"

#include <fstream>
#include <stdexcept>

#include "domain/json_writer.hpp"

namespace usher::load {

namespace {

using writer = domain::json_writer;

double rounded(double value) { return std::round(value * 1000) / 1000; }

void write_durations(writer& w, std::string_view name, const histogram& h) {
  w.key(name);
  if (h.count() == 0) {
    w.value(nullptr);
    return;
  }
  auto member = [&](std::string_view key, nanoseconds d) { w.member(key, rounded(in_milliseconds(d))); };
  w.begin_object();
  w.member("count", h.count());
  member("min_ms", h.min());
  member("mean_ms", h.mean());
  member("p50_ms", h.quantile(0.5));
  member("p75_ms", h.quantile(0.75));
  member("p90_ms", h.quantile(0.9));
  member("p95_ms", h.quantile(0.95));
  member("p99_ms", h.quantile(0.99));
  member("p999_ms", h.quantile(0.999));
  member("max_ms", h.max());
  w.end_object();
}

void write_cell(writer& w, const cell& c) {
  w.member("requests", c.requests());
  w.key("outcomes");
  w.begin_object();
  for (std::size_t i = 0; i < outcomes; ++i) w.member(to_word(static_cast<outcome>(i)), c.by_outcome[i]);
  w.end_object();
  w.key("statuses");
  w.begin_object();
  for (const auto& [status, count] : c.by_status) w.member(std::to_string(status), count);
  w.end_object();
  w.member("unknown", c.unknown);
  write_durations(w, "duration", c.duration);
  write_durations(w, "service", c.service);
  write_durations(w, "refused", c.refused);
}

void write_steps(writer& w, const run_result& r) {
  std::map<std::pair<std::size_t, role>, cell> steps;
  for (const auto& [key, figures] : r.total.cells) steps[{key.name, key.who}].merge(figures);
  w.key("steps");
  w.begin_array();
  for (const auto& [key, figures] : steps) {
    w.begin_object();
    w.member("name", r.what.names[key.first]);
    w.member("who", to_word(key.second));
    write_cell(w, figures);
    w.end_object();
  }
  w.end_array();
}

void write_stages(writer& w, const run_result& r) {
  w.key("stages");
  w.begin_array();
  nanoseconds begin{0};
  for (std::size_t i = 0; i < r.what.stages.size(); ++i) {
    const auto& s = r.what.stages[i];
    cell all;
    for (const auto& [key, figures] : r.total.cells) {
      if (key.stage == i) all.merge(figures);
    }
    w.begin_object();
    w.member("name", s.name);
    w.member("begin_seconds", in_seconds(begin));
    w.member("seconds", in_seconds(s.duration));
    w.member("rate_from", s.from);
    w.member("rate_to", s.to);
    write_cell(w, all);
    w.end_object();
    begin += s.duration;
  }
  w.end_array();
  w.key("bursts");
  w.begin_array();
  for (const auto& b : r.what.bursts) {
    w.begin_object();
    w.member("name", b.name);
    w.member("at_seconds", in_seconds(b.at));
    w.member("within_seconds", in_seconds(b.within));
    w.member("journeys", b.count);
    w.end_object();
  }
  w.end_array();
}

void write_series(writer& w, const run_result& r) {
  w.key("series");
  w.begin_array();
  for (const auto& p : r.series) {
    w.begin_object();
    w.member("at_seconds", rounded(p.at_seconds));
    w.member("seconds", rounded(p.seconds));
    w.member("stage", r.what.stages[p.stage].name);
    w.member("planned_rate", rounded(p.planned_rate));
    w.member("journeys", rounded(p.journeys));
    w.member("requests", rounded(p.requests));
    for (std::size_t i = 0; i < outcomes; ++i) w.member(to_word(static_cast<outcome>(i)), rounded(p.by_outcome[i]));
    w.member("p50_ms", rounded(p.p50_ms));
    w.member("p95_ms", rounded(p.p95_ms));
    w.member("p99_ms", rounded(p.p99_ms));
    w.member("max_ms", rounded(p.max_ms));
    w.member("lag_p99_ms", rounded(p.lag_p99_ms));
    w.member("cpu_share", rounded(p.cpu_share));
    w.member("in_flight", p.in_flight);
    w.member("connections", p.connections);
    w.key("heat");
    w.begin_array();
    for (auto count : p.heat) w.value(count);
    w.end_array();
    w.end_object();
  }
  w.end_array();
  w.key("heat_edges_ms");
  w.begin_array();
  for (auto edge : heat_edges()) w.value(rounded(in_milliseconds(edge)));
  w.end_array();
}

void write_server(writer& w, const run_result& r) {
  const auto& t = r.server_total;
  w.key("server");
  if (r.server_blind) {
    w.value(nullptr);
    return;
  }
  w.begin_object();
  w.member("requests", t.requests);
  w.member("created", t.created);
  w.member("refused", t.refused);
  w.member("breaches", t.breaches);
  w.member("escalations", t.escalations);
  w.member("lateness_p99_seconds", t.lateness_p99_seconds);
  w.member("memory_before_bytes", t.memory_before_bytes);
  w.member("memory_after_bytes", t.memory_after_bytes);
  w.member("memory_most_bytes", t.memory_most_bytes);
  w.key("series");
  w.begin_array();
  for (const auto& p : r.server) {
    w.begin_object();
    w.member("at_seconds", rounded(p.at_seconds));
    w.member("requests_per_second", p.requests_per_second);
    w.member("creates_per_second", p.creates_per_second);
    w.member("http_p95_ms", p.http_p95_ms);
    w.member("http_p99_ms", p.http_p99_ms);
    w.member("commit_p95_ms", p.commit_p95_ms);
    w.member("queue_depth", p.queue_depth);
    w.member("tickets_open", p.tickets_open);
    w.member("memory_bytes", p.memory_bytes);
    w.member("cpu_cores", p.cpu_cores);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

void write_kept(writer& w, const run_result& r) {
  w.key("kept");
  if (!r.verified) {
    w.value(nullptr);
    return;
  }
  const auto& v = *r.verified;
  w.begin_object();
  w.member("tickets", v.tickets);
  w.member("messages", v.messages);
  w.member("not_looked_for", v.not_kept);
  w.member("lost", v.problem.empty() ? std::optional(v.lost()) : std::nullopt);
  w.member("problem", v.problem.empty() ? std::nullopt : std::optional(v.problem));
  w.member("tickets_lost_in_api", v.tickets_lost_in_api);
  w.member("messages_lost_in_api", v.messages_lost_in_api);
  w.member("looked_in_database", v.in_database);
  w.member("tickets_lost_in_database", v.tickets_lost_in_database);
  w.member("messages_lost_in_database", v.messages_lost_in_database);
  w.member("seconds", rounded(v.seconds));
  w.key("first_lost");
  w.begin_array();
  for (const auto& what : v.first_lost) w.value(what);
  w.end_array();
  w.end_object();
}

void write_verdicts(writer& w, const run_result& r) {
  const auto& g = r.generator;
  w.key("generator");
  w.begin_object();
  w.member("is_bottleneck", g.is_bottleneck);
  w.member("words", g.words);
  w.member("threads", g.threads);
  w.member("late_slots", g.late_slots);
  w.member("slots", g.slots);
  w.member("most_cpu_share", rounded(g.most_cpu_share));
  write_durations(w, "lag", r.total.lag);
  w.end_object();
  w.key("limit");
  if (r.limit) {
    w.begin_object();
    w.member("at_seconds", rounded(r.limit->at_seconds));
    w.member("planned_rate", rounded(r.limit->planned_rate));
    w.member("held_rate", rounded(r.limit->held_rate));
    w.member("held_requests", rounded(r.limit->held_requests));
    w.member("condition", r.limit->condition);
    w.member("value", r.limit->value);
    w.member("generator_was_late", r.limit->generator_was_late);
    w.end_object();
  } else {
    w.value(nullptr);
  }
  w.key("thresholds");
  w.begin_array();
  for (const auto& v : r.verdicts) {
    w.begin_object();
    w.member("expression", v.what.text);
    w.member("value", v.value);
    w.member("ok", v.ok);
    w.end_object();
  }
  w.end_array();
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("can't write " + path);
}

}  // namespace

std::string to_json(const run_result& r) {
  std::string out;
  writer w(out);
  w.begin_object();
  w.member("scenario", r.what.name);
  w.member("description", r.what.description);
  w.member("target", r.target);
  w.member("run_id", r.run_id);
  w.member("started_at", r.started_at);
  w.member("ended", r.ended);
  w.member("passed", r.passed());
  w.member("seconds", rounded(r.seconds));
  w.member("planned_seconds", in_seconds(r.what.duration()));
  w.member("seed", r.seed);
  w.member("scale", r.scale);
  w.member("organizations", r.organizations);
  w.member("customers", r.customers);
  w.member("largest_share", rounded(r.largest_share));
  w.member("journeys", r.total.journeys);
  w.member("dropped", r.total.dropped);
  w.member("skipped", r.total.skipped);
  w.member("events", r.events);
  w.member("memory_growth", r.total.memory_growth);
  w.member("recovery_seconds", r.recovery_seconds < 0 ? std::nullopt : std::optional(rounded(r.recovery_seconds)));
  w.key("all");
  w.begin_object();
  write_cell(w, r.total.sum());
  w.end_object();
  write_steps(w, r);
  write_stages(w, r);
  write_kept(w, r);
  write_verdicts(w, r);
  write_server(w, r);
  write_series(w, r);
  w.end_object();
  return out;
}

void write_summary(const std::string& path, const run_result& result) { write_file(path, to_json(result) + "\n"); }

// The JSON stands in a script element, where `</` would end it.
void write_page(const std::string& path, const run_result& result) {
  constexpr std::string_view place = "{{run}}";
  std::string page(find_shipped("report.html")->text);
  auto json = to_json(result);
  for (auto at = json.find("</"); at != std::string::npos; at = json.find("</", at + 3)) json.replace(at, 2, "<\\/");
  auto at = page.find(place);
  if (at == std::string::npos) throw std::logic_error("the page has no place for the run");
  page.replace(at, place.size(), json);
  write_file(path, page);
}

}  // namespace usher::load
