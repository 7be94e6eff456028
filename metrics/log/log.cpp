#include "metrics/log/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

#include "domain/json_writer.hpp"
#include "domain/time.hpp"

namespace usher::log {

namespace {

spdlog::level::level_enum to_spdlog(level l) {
  switch (l) {
    case level::debug:
      return spdlog::level::debug;
    case level::info:
      return spdlog::level::info;
    case level::warn:
      return spdlog::level::warn;
    case level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view to_word(level l) {
  switch (l) {
    case level::debug:
      return "debug";
    case level::info:
      return "info";
    case level::warn:
      return "warn";
    case level::error:
      return "error";
  }
  return "info";
}

/// The sink writes our lines as they are: they are whole JSON objects already.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("usher", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

}  // namespace

void start(level least) { logger().set_level(to_spdlog(least)); }

bool parse_level(std::string_view word, level& out) noexcept {
  for (auto l : {level::debug, level::info, level::warn, level::error}) {
    if (word == to_word(l)) {
      out = l;
      return true;
    }
  }
  return false;
}

bool enabled(level l) noexcept { return logger().should_log(to_spdlog(l)); }

void write(level l, std::string_view message, std::initializer_list<field> fields) {
  if (!enabled(l)) return;
  std::string line;
  domain::json_writer w(line);
  w.begin_object();
  w.member("at", domain::format_rfc3339(std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now())));
  w.member("level", to_word(l));
  w.member("message", message);
  for (const auto& f : fields) {
    if (f.quoted)
      w.member(f.key, std::string_view(f.text));
    else
      w.raw_member(f.key, f.text);
  }
  w.end_object();
  logger().log(to_spdlog(l), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace usher::log
