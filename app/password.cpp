// `usher password`: what an agent logs in with.
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/commands.hpp"
#include "domain/doorkeeper.hpp"
#include "metrics/log/log.hpp"
#include "net/json_reader.hpp"
#include "store/doorkeeper.hpp"
#include "store/examination.hpp"
#include "store/password_hash.hpp"

namespace usher::app {

namespace {

constexpr int wrong_value_exit = 2;

/// A terminal does not show what is typed into it.
class without_echo {
 public:
  without_echo() {
    if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    std::cerr << "Password: " << std::flush;
  }
  ~without_echo() {
    if (!changed_) return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::cerr << '\n';
  }
  without_echo(const without_echo&) = delete;
  without_echo& operator=(const without_echo&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

std::string read_password() {
  const without_echo quiet;
  std::string out;
  std::getline(std::cin, out);
  if (out.ends_with('\r')) out.pop_back();
  return out;
}

bool may_be_password(std::string_view text) {
  if (!net::is_utf8(text) || text.find('\0') != std::string_view::npos) return false;
  const auto characters = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  return characters >= domain::password_characters_min && characters <= domain::password_characters_max;
}

}  // namespace

int set_password(const password_request& request) {
  auto password = read_password();
  if (!may_be_password(password)) {
    std::cerr << "usher password: a password has " << domain::password_characters_min << " to "
              << domain::password_characters_max << " characters, in UTF-8, on one line\n";
    return wrong_value_exit;
  }
  log::start(log::level::error);
  bool known = false;
  const auto work = [&](const store::connect_target& target) {
    known =
        store::set_password(store::as_doorkeeper(target), request.user, password, domain::system_clock_port().now());
  };
  if (request.database.empty())
    store::with_embedded(request.data, work);
  else
    work({request.database, {}});
  store::forget(password);
  if (!known) {
    std::cerr << "usher password: there is no agent " << request.user << '\n';
    return 1;
  }
  std::cout << "the password of " << request.user << " is set; the agent's sessions have ended\n";
  return 0;
}

}  // namespace usher::app
