#include "actors/settings_keeper.hpp"

namespace usher::actors {

void settings_keeper::change(settings_request what) {
  bool full = false;
  {
    std::scoped_lock guard(mutex_);
    full = busy_ && queue_.size() >= waiting_max;
    if (busy_ && !full) return queue_.push_back(std::move(what));
    busy_ = true;
  }
  if (full) return what.done(domain::fail(domain::errc::overloaded));
  start(std::move(what));
}

void settings_keeper::start(settings_request what) {
  auto before = desk_.settings.get();
  auto changed = what.edit(*before);
  if (!changed) {
    what.done(std::unexpected(std::move(changed.error())));
    return finish();
  }
  if (!domain::is_held_back(*changed)) {
    what.break_glass.clear();  // nothing was broken
    return prepare(std::move(what), std::move(*changed));
  }
  const auto by = what.by;
  auto reason = what.break_glass;
  auto allowed = [this, what = std::move(what),
                  changed = std::move(*changed)](domain::result<domain::freeze_state> state) mutable {
    if (!state) {
      what.done(std::unexpected(std::move(state.error())));
      return finish();
    }
    if (!state->frozen) what.break_glass.clear();
    prepare(std::move(what), std::move(changed));
  };
  desk_.freeze->allow(by, std::move(reason), domain::completion<domain::freeze_state>(std::move(allowed)));
}

void settings_keeper::prepare(settings_request what, domain::settings_change changed) {
  if (changed.table != domain::settings_table::patterns || !desk_.prepare_patterns)
    return keep(std::move(what), std::move(changed), {});
  auto library = changed.next.patterns;
  auto ready = [this, what = std::move(what),
                changed = std::move(changed)](domain::result<std::function<void()>> prepared) mutable {
    if (prepared) return keep(std::move(what), std::move(changed), std::move(*prepared));
    what.done(std::unexpected(std::move(prepared.error())));
    finish();
  };
  desk_.prepare_patterns(std::move(library), domain::completion<std::function<void()>>(std::move(ready)));
}

void settings_keeper::keep(settings_request what, domain::settings_change changed, std::function<void()> put_in_force) {
  auto next = std::make_shared<const domain::desk_settings>(std::move(changed.next));
  store::settings_write row{
      changed.table,     std::move(changed.key), std::move(changed.row), std::move(changed.action), what.by,
      desk_.clock.now(), next->all_policies(),   std::nullopt,           changed.organization,      what.break_glass};
  if (what.key) row.idempotency = to_record(*what.key, what.render(*next), row.at);
  std::optional<domain::alert_event> told;
  if (!what.break_glass.empty()) {
    row.alert = desk_.alert_of_broken_glass(what.by, row.action, what.break_glass);
    told = desk_.address(*row.alert);
  }
  store::write write{std::move(row), desk_.clock.steady_now() + std::chrono::seconds(8), {}};
  write.done = domain::completion<std::monostate>(
      [this, next, done = std::move(what.done), told = std::move(told),
       put_in_force = std::move(put_in_force)](domain::result<std::monostate> stored) mutable {
        if (stored) desk_.take_settings(next);
        if (stored && put_in_force) put_in_force();
        if (stored && told) desk_.events.publish(*told);
        if (stored)
          done(domain::settings_ptr(next));
        else
          done(std::unexpected(std::move(stored.error())));
        finish();
      });
  desk_.writer.submit(std::move(write));
}

void settings_keeper::finish() {
  settings_request next;
  {
    std::scoped_lock guard(mutex_);
    if (queue_.empty()) {
      busy_ = false;
      return;
    }
    next = std::move(queue_.front());
    queue_.pop_front();
  }
  start(std::move(next));
}

}  // namespace usher::actors
