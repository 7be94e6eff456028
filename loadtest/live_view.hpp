// What people see while a run goes on.
#pragma once

#include <iosfwd>
#include <string>

#include "loadtest/load_run.hpp"

namespace usher::load {

/// How text looks on this output.
struct terminal {
  bool is_tty = false;
  bool colours = false;
  std::size_t columns = 100;
};
/// Of standard output. Colours need a TTY, a `TERM` that is not `dumb`, and no `NO_COLOR` (no-color.org).
[[nodiscard]] terminal terminal_of_stdout();

enum class ink { plain, faint, bold, good, warning, bad, accent };
[[nodiscard]] std::string painted(const terminal& on, ink how, std::string_view text);

/// Eight heights of blocks, the last value at the right; scaled to the highest.
[[nodiscard]] std::string sparkline(const std::vector<double>& values, std::size_t width);

/// With a TTY one block of lines, drawn over itself; without, a plain line every few seconds.
class live_view {
 public:
  live_view(std::ostream& out, terminal on) : out_(out), on_(on) {}

  void say(const std::string& line);
  void show(const live_state& state);
  /// Leaves what is drawn where it is.
  void end();

 private:
  [[nodiscard]] std::vector<std::string> block(const live_state& state) const;
  void print_line(const live_state& state);
  void erase();

  std::ostream& out_;
  terminal on_;
  std::size_t drawn_ = 0;
  double next_line_at_ = 0;
};

/// The end of a run in words and figures.
void print_result(std::ostream& out, const terminal& on, const run_result& result);

}  // namespace usher::load
