// SPDX-License-Identifier: Apache-2.0
#include "weir/stop_on.hpp"

#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "base/thread_name.hpp"
#include "weir/error.hpp"

namespace weir::inline v0 {
namespace {

void wait_for_signals(sigset_t signals, std::stop_source source) {
  name_this_thread("weir-signals");
  while (true) {
    int received = 0;
    if (sigwait(&signals, &received) != 0) continue;
    if (source.request_stop()) continue;
    sigset_t again;
    sigemptyset(&again);
    sigaddset(&again, received);
    raise(received);  // Blocked here too; delivered when it is no longer.
    pthread_sigmask(SIG_UNBLOCK, &again, nullptr);
  }
}

}  // namespace

std::stop_token stop_on(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  const int failure = pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (failure != 0) {
    throw Error{std::string{"stop_on: cannot block the signals: "} + std::strerror(failure)};
  }
  std::stop_source source;
  std::thread{[set, source] { wait_for_signals(set, source); }}.detach();
  return source.get_token();
}

}  // namespace weir::inline v0
