// SPDX-License-Identifier: Apache-2.0
#include "bench/whole/measure.hpp"

#include <sys/resource.h>
#include <time.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

namespace bench {
namespace {

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Cost now() { return {seconds_of(CLOCK_MONOTONIC), seconds_of(CLOCK_PROCESS_CPUTIME_ID)}; }

struct Ticks {
  double all = 0;
  double idle = 0;
};

/// The first line of /proc/stat: cpu user nice system idle iowait irq softirq steal ...
Ticks ticks() {
  std::ifstream stat{"/proc/stat"};
  std::string name;
  stat >> name;
  Ticks sum;
  double value = 0;
  for (int field = 0; field < 8 && stat >> value; ++field) {
    sum.all += value;
    if (field == 3 || field == 4) sum.idle += value;
  }
  return sum;
}

}  // namespace

Stopwatch::Stopwatch() : start_{now()} {}

Cost Stopwatch::elapsed() const {
  const Cost end = now();
  return {end.seconds - start_.seconds, end.cpu_seconds - start_.cpu_seconds};
}

double busy_share() {
  const Ticks before = ticks();
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  const Ticks after = ticks();
  const double all = after.all - before.all;
  return all > 0 ? 1 - (after.idle - before.idle) / all : 0;
}

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace bench
