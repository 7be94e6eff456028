// What handlers of settings do alike.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/handler_tools.hpp"

namespace usher::net {

using settings_edit = std::function<domain::result<domain::settings_change>(const domain::desk_settings&)>;
/// Writes the thing that was changed, as it is after the change.
using settings_view = std::function<void(std::string&, const domain::desk_settings&)>;

/// Makes a change and answers with what `shows` writes, which is nothing for a removal. A POST's key is kept with it,
/// or with what `kept` writes where an answer may be given once only.
void change_settings(const request& in, services& with, responder to, settings_edit how, int status,
                     settings_view shows, std::string location, settings_view kept = nullptr);

/// Goes on with `then(responder)` when the organization that a new setting is to belong to, if any, is there and the
/// caller's to see; answers 422 at `/organization_id` otherwise.
template <class Then>
void when_owner_is_known(services& with, responder to, std::optional<domain::organization_id> owner, Then then) {
  if (!owner) return then(std::move(to));
  const auto by = *to.in().caller;
  auto known = [then = std::move(then), back = std::move(to)](domain::result<domain::organization> found) mutable {
    if (found) return then(std::move(back));
    if (found.error().code != domain::errc::not_found) return back.fail(found.error());
    back.fail(domain::fail_field("/organization_id", "there is no such organization").error());
  };
  with.desk().organization(*owner, by, domain::completion<domain::organization>(std::move(known)));
}

/// A list in one page: what people set by hand is never long.
void send_texts(responder to, std::vector<std::string> texts);
void send_text(responder to, std::string text);

}  // namespace usher::net
