#include "domain/event_feed.hpp"

#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

/// `{"id": …, "type": …, <particulars>}`; `particulars` is an object's text.
void write_told(json_writer& w, std::string& out, const uuid& id, event_type type, std::string_view particulars) {
  w.begin_object();
  w.member("id", id);
  w.member("type", to_word(type));
  if (particulars.size() > 2) {
    out += ',';
    out += particulars.substr(1, particulars.size() - 2);
  }
  w.end_object();
}

/// One element of an entry's `events`.
struct told_event {
  std::optional<uuid> id;
  std::optional<event_type> type;
  std::string particulars = "{";

  explicit told_event(std::string_view json) {
    for (const auto& [name, value] : json_members(json)) {
      auto text = json_string(value);
      if (name == "id" && text) {
        id = parse_uuid(*text);
      } else if (name == "type" && text) {
        type = parse_event_type(*text);
      } else {
        if (particulars.size() > 1) particulars += ',';
        append_json_string(particulars, name);
        particulars += ':';
        particulars += value;
      }
    }
    particulars += '}';
  }
};

}  // namespace

std::vector<feed_event> feed_of(const change& what) {
  std::vector<feed_event> out;
  for (const auto& event : events_of(what))
    out.push_back({event.id(), event.type, what.after->organization, what.after->id, event.payload()});
  return out;
}

feed_event feed_of(const alert_event& what) {
  return {what.id(), what.type, what.organization, what.ticket, what.payload()};
}

std::string trail_of(const change& what) {
  std::string out;
  json_writer w(out);
  w.begin_array();
  for (const auto& event : events_of(what)) write_told(w, out, event.id(), event.type, event.particulars());
  w.end_array();
  return out;
}

std::string trail_of(const alert_event& what) {
  std::string out;
  json_writer w(out);
  w.begin_array();
  write_told(w, out, what.id(), what.type, what.particulars());
  w.end_array();
  return out;
}

std::vector<feed_event> feed_of(const trail_entry& entry, const domain::ticket* now) {
  std::vector<feed_event> out;
  if (entry.ticket && now == nullptr) return out;
  for (const auto& [name, value] : json_members(entry.details)) {
    if (name != "events") continue;
    for (const auto& element : json_elements(value)) {
      told_event told(element);
      if (!told.id || !told.type) continue;
      out.push_back({*told.id, *told.type, entry.organization, entry.ticket,
                     event_payload({*told.id, *told.type, entry.at, entry.organization}, now, told.particulars)});
    }
  }
  return out;
}

}  // namespace usher::domain
