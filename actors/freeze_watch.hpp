// Whether a wedding day's freeze holds, asked of the database when somebody wants to know: changes that it holds back
// are rare.
#pragma once

#include <string>

#include "domain/caller.hpp"
#include "domain/completion.hpp"
#include "domain/freeze.hpp"
#include "store/ports.hpp"

namespace usher::actors {

/// Thread-safe.
class freeze_watch {
 public:
  freeze_watch(store::reader& reader, const domain::clock_port& clock, domain::freeze_rules rules)
      : reader_(reader), clock_(clock), rules_(std::move(rules)) {}

  void look(domain::completion<domain::freeze_state> done) const;
  /// The state, when a change by this caller may be made now, with the glass broken perhaps. Errors: as
  /// `domain::allow_in_freeze` has them, and the store's: a freeze that can't be ruled out is none that is broken.
  void allow(const domain::caller& by, std::string broken_glass, domain::completion<domain::freeze_state> done) const;

 private:
  store::reader& reader_;
  const domain::clock_port& clock_;
  domain::freeze_rules rules_;
};

}  // namespace usher::actors
