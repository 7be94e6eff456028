// Which handler a method and a path belong to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/caller.hpp"
#include "net/exchange.hpp"
#include "net/http.hpp"
#include "net/route_traits.hpp"
#include "net/services.hpp"

namespace usher::net {

/// Answers one request, sooner or later. Runs on the io thread of the request; `with` is that thread's, and is not to
/// be used after the handler has returned.
using handler = void (*)(const request& in, services& with, responder to);

/// A line of the table.
struct route {
  method how;
  std::string_view path;              ///< segments in braces are parameters
  std::optional<domain::role> least;  ///< the lowest role that may; nothing: open to anyone
  handler call;
  std::span<const std::string_view> parameters{};  ///< of the query
  bool takes_json = false;
};

/// Everything that is served, in the order of the contract.
[[nodiscard]] std::span<const route> all_routes() noexcept;

/// What the metrics call each route, by its index; one more than there are routes, for what matches none.
[[nodiscard]] std::vector<std::string_view> route_labels();

/// A tree of path segments over a table of routes. Immutable.
class router {
 public:
  explicit router(std::span<const route> table);

  struct match {
    const route* found = nullptr;  ///< null when the path is unknown or does not have the method
    std::size_t index = 0;         ///< of `found`, or the size of the table
    std::string allow;             ///< the methods of a known path, when `found` is null
    std::array<std::string_view, 2> parameters;
  };
  /// HEAD is served where GET is. `path` is matched as sent: what is escaped matches parameters only.
  [[nodiscard]] match find(method how, std::string_view path) const;
  /// Of a route by its index.
  [[nodiscard]] const route_traits& traits(std::size_t index) const { return traits_.at(index); }

 private:
  static constexpr std::int16_t none = -1;
  static constexpr std::size_t methods = 7;  ///< `get` to `options`

  struct node {
    std::vector<std::pair<std::string_view, std::size_t>> literals;
    std::size_t parameter = 0;  ///< 0 is none: the root is nobody's child
    std::array<std::int16_t, methods> routes{none, none, none, none, none, none, none};
  };

  [[nodiscard]] std::size_t child_for(std::size_t at, std::string_view segment);
  [[nodiscard]] std::string allowed(const node& at) const;

  std::span<const route> table_;
  std::vector<route_traits> traits_;
  std::vector<node> nodes_;
};

/// Whether the request's key, token or session still speaks for its caller: asked again while a stream goes on.
[[nodiscard]] bool still_holds(services& with, const request& in);

/// What stands between the guard and a handler: route, token, role, parameters, content type. `in` is completed;
/// nothing in return means that the handler of `found` is to be called.
[[nodiscard]] std::optional<response> admit(const router& routes, services& with, request& in, const route*& found);

}  // namespace usher::net
