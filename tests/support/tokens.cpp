#include "tests/support/tokens.hpp"

#include <stdexcept>

#include "tests/support/child_process.hpp"

namespace usher::test {

std::string tokens::of(const std::string& role, const std::string& sub, const std::string& organization) {
  std::scoped_lock lock(mutex_);
  auto& token = made_[{role, sub, organization}];
  if (!token.empty()) return token;
  std::vector<std::string> command{USHER_BINARY, "token", "--role", role, "--sub", sub, "--data", data_.string()};
  if (!organization.empty()) {
    command.emplace_back("--org");
    command.push_back(organization);
  }
  auto done = run(std::move(command));
  if (done.code != 0) throw std::runtime_error("usher token: " + done.err);
  token = done.out.substr(0, done.out.find_last_not_of(" \r\n") + 1);
  return token;
}

}  // namespace usher::test
