// What handlers of settings do alike.
#pragma once

#include <functional>
#include <string>
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

/// A list in one page: what people set by hand is never long.
void send_texts(responder to, std::vector<std::string> texts);
void send_text(responder to, std::string text);

}  // namespace usher::net
