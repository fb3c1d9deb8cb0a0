#pragma once
// Calls without Python's lock, that Ctrl-C stops.

#include <chrono>
#include <future>
#include <optional>
#include <stop_token>
#include <utility>

#include "bindings.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::python {

/// Runs f(context) without the lock. On Python's main thread another thread does the work, while
/// this one looks for signals twenty times a second: Python handles them on its main thread only.
/// @param progress None, or called with the rows done
template <class F>
auto run(int threads, nb::handle progress, F&& f) {
  std::stop_source stop;
  Context context{.threads = threads, .cancel = stop.get_token()};
  if (!progress.is_none())
    context.progress = [progress](Index rows) {
      nb::gil_scoped_acquire lock;
      nb::object(nb::borrow(progress))(rows);
    };
  bool main_thread;
  {
    const nb::module_ threading = nb::module_::import_("threading");
    main_thread = threading.attr("current_thread")().is(threading.attr("main_thread")());
  }
  nb::gil_scoped_release unlocked;
  if (!main_thread) return f(context);
  auto result = std::async(std::launch::async, [&] { return f(std::as_const(context)); });
  std::optional<nb::python_error> raised;
  while (result.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    nb::gil_scoped_acquire lock;
    if (!raised && PyErr_CheckSignals() != 0) {
      raised.emplace();
      stop.request_stop();
    }
  }
  if (raised) throw std::move(*raised);
  return result.get();
}

}  // namespace prodigest::python
