// What the office of personal data needs of the desk.
#pragma once

#include <string>

#include "actors/gateway.hpp"
#include "store/privacy_office.hpp"

namespace usher::app {

/// The office's settings: it changes tickets and agents through `desk`. `key` is of the hash that stands for a person.
[[nodiscard]] store::privacy_settings personal_data(store::connect_target eraser, std::string key, gateway& desk,
                                                    const domain::clock_port& clock);

}  // namespace usher::app
