#include "loadtest/live_view.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ostream>

namespace usher::load {

namespace {

constexpr double plain_line_every_seconds = 5;

double of(const series_point& p, outcome o) { return p.by_outcome[static_cast<std::size_t>(o)]; }
double failed(const series_point& p) {
  return of(p, outcome::unplanned) + of(p, outcome::timed_out) + of(p, outcome::cut);
}

std::string padded(std::string text, std::size_t width) {
  std::size_t shown = 0;
  for (char c : text) shown += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  if (shown < width) text.append(width - shown, ' ');
  return text;
}

std::string bar(double share, std::size_t width) {
  auto full = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
  std::string out;
  for (std::size_t i = 0; i < width; ++i) out += i < full ? "━" : "─";
  return out;
}

ink ink_of_latency(double ms) { return ms < 200 ? ink::good : ms < 1000 ? ink::warning : ink::bad; }

std::string latency(const terminal& on, double ms) {
  return painted(on, ink_of_latency(ms), show_duration(from_seconds(ms / 1e3)));
}

std::string clock_text(double seconds) {
  auto whole = static_cast<long>(std::max(0.0, seconds));
  auto two = [](long n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(whole / 60) + ":" + two(whole % 60);
}

}  // namespace

terminal terminal_of_stdout() {
  terminal out;
  out.is_tty = ::isatty(STDOUT_FILENO) == 1;
  const char* term = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  bool dumb = term == nullptr || std::string_view(term) == "dumb";
  if (dumb) out.is_tty = false;
  out.colours = out.is_tty && (no_color == nullptr || *no_color == '\0');
  winsize size{};
  if (out.is_tty && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    out.columns = std::clamp<std::size_t>(size.ws_col, 40, 160);
  return out;
}

std::string painted(const terminal& on, ink how, std::string_view text) {
  if (!on.colours || how == ink::plain) return std::string(text);
  constexpr std::array<std::string_view, 7> codes{"0", "2", "1", "32", "33", "31", "36"};
  return "\x1b[" + std::string(codes[static_cast<std::size_t>(how)]) + "m" + std::string(text) + "\x1b[0m";
}

std::string sparkline(const std::vector<double>& values, std::size_t width) {
  constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  auto from = values.size() > width ? values.size() - width : 0;
  double most = 0;
  for (auto i = from; i < values.size(); ++i) most = std::max(most, values[i]);
  std::string out;
  for (auto i = from; i < values.size(); ++i) {
    auto height = most > 0 ? static_cast<std::size_t>(std::lround(values[i] / most * 7)) : 0;
    out += blocks[std::min<std::size_t>(height, 7)];
  }
  return out;
}

void live_view::erase() {
  if (drawn_ > 0) out_ << "\x1b[" << drawn_ << "A\x1b[J";
  drawn_ = 0;
}

void live_view::say(const std::string& line) {
  erase();
  out_ << painted(on_, ink::faint, "· ") << line << std::endl;
}

std::vector<std::string> live_view::block(const live_state& state) const {
  const auto& what = *state.what;
  double total = in_seconds(what.duration());
  std::vector<std::string> lines;
  series_point last = state.series->empty() ? series_point{} : state.series->back();
  auto width = on_.columns - 32;
  lines.push_back(painted(on_, ink::bold, what.name) + "  " + painted(on_, ink::accent, what.stages[last.stage].name) +
                  "  " + clock_text(state.at_seconds) + " / " + clock_text(total) + "  " +
                  bar(state.at_seconds / total, std::min<std::size_t>(width, 40)));
  std::vector<double> rates;
  std::vector<double> latencies;
  for (const auto& p : *state.series) {
    rates.push_back(p.requests);
    latencies.push_back(p.p95_ms);
  }
  lines.push_back("  rate    " + painted(on_, ink::accent, sparkline(rates, width)) + "  " + show_count(last.requests) +
                  "/s");
  lines.push_back("  p95     " + painted(on_, ink_of_latency(last.p95_ms), sparkline(latencies, width)) + "  " +
                  latency(on_, last.p95_ms));
  lines.push_back("  latency p50 " + latency(on_, last.p50_ms) + "   p95 " + latency(on_, last.p95_ms) + "   p99 " +
                  latency(on_, last.p99_ms) + "   max " + latency(on_, last.max_ms));
  auto refused = of(last, outcome::refused);
  lines.push_back("  status  planned " + show_count(of(last, outcome::planned)) + "/s   refused " +
                  painted(on_, refused > 0 ? ink::warning : ink::plain, show_count(refused) + "/s") + "   failed " +
                  painted(on_, failed(last) > 0 ? ink::bad : ink::plain, show_count(failed(last)) + "/s"));
  lines.push_back("  people  " + show_count(double(state.in_flight)) + " on their way, " +
                  show_count(last.planned_rate) + "/s planned, " + show_count(double(state.acknowledged)) +
                  " tickets acknowledged" +
                  (state.late ? "   " + painted(on_, ink::warning, "the generator is late") : ""));
  return lines;
}

void live_view::print_line(const live_state& state) {
  if (!state.second || state.at_seconds < next_line_at_ || state.series->empty()) return;
  next_line_at_ = state.at_seconds + plain_line_every_seconds;
  const auto& p = state.series->back();
  auto ms = [](double value) { return show_duration(from_seconds(value / 1e3)); };
  out_ << clock_text(state.at_seconds) << "  " << padded(state.what->stages[p.stage].name, 16)
       << padded(show_count(p.requests) + "/s", 11) << "p50 " << padded(ms(p.p50_ms), 10) << "p95 "
       << padded(ms(p.p95_ms), 10) << "p99 " << padded(ms(p.p99_ms), 10) << "refused "
       << padded(show_count(of(p, outcome::refused)) + "/s", 9) << "failed " << show_count(failed(p)) << "/s"
       << (state.late ? "  (the generator is late)" : "") << std::endl;
}

void live_view::show(const live_state& state) {
  if (!on_.is_tty) {
    print_line(state);
    return;
  }
  auto lines = block(state);
  erase();
  for (const auto& line : lines) out_ << line << '\n';
  drawn_ = lines.size();
  out_.flush();
}

void live_view::end() { drawn_ = 0; }

}  // namespace usher::load
