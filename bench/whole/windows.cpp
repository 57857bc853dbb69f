// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>
#include <vector>

#include "bench/whole/bounds.hpp"
#include "bench/whole/job.hpp"
#include "bench/whole/workloads.hpp"
#include "weir/keyed_stream.hpp"

namespace bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Events = std::vector<Event>;

/// What every result adds to the answer; see bounds::tumbling_count_absl.
template <int kWindowMs>
auto answer_into(std::uint64_t& answer) {
  return [&answer](const weir::Windowed<Key, std::int64_t>& result) {
    answer += static_cast<std::uint64_t>(result.value * (result.start.ms() / kWindowMs + 1));
  };
}

auto keyed(weir::Topology& topology, const Events& events) {
  return lent(topology, events)
      .event_time(kTimeOf, {.max_disorder = milliseconds{kJitterMs}})
      .key_by(&Event::key);
}

Run tumbling_count(const Events& events, std::uint32_t workers) {
  return run_job(events.size(), with_workers(workers), [&](auto& topology, auto& answer) {
    keyed(topology, events)
        .window(weir::tumbling(seconds{10}))
        .count()
        .for_each(answer_into<10'000>(answer));
  });
}

Run tumbling_sum(const Events& events, std::uint32_t workers) {
  return run_job(events.size(), with_workers(workers), [&](auto& topology, auto& answer) {
    keyed(topology, events)
        .window(weir::tumbling(seconds{10}))
        .sum(&Event::amount)
        .for_each(answer_into<10'000>(answer));
  });
}

Run hopping_sum(const Events& events, std::uint32_t workers) {
  return run_job(events.size(), with_workers(workers), [&](auto& topology, auto& answer) {
    keyed(topology, events)
        .window(weir::hopping({.size = seconds{10}, .every = seconds{1}}))
        .sum(&Event::amount)
        .for_each(answer_into<1'000>(answer));
  });
}

Run sessions(const Events& events, std::uint32_t workers) {
  return run_job(events.size(), with_workers(workers), [&](auto& topology, auto& answer) {
    keyed(topology, events)
        .window(weir::sessions({.gap = seconds{30}}))
        .count()
        .for_each([&answer](const weir::Windowed<Key, std::int64_t>& result) {
          answer += static_cast<std::uint64_t>(result.value * (result.end - result.start).count());
        });
  });
}

/// A loop over the same events, measured.
std::function<Run()> loop(const Events& events, std::uint64_t (*bound)(const Events&)) {
  return [&events, bound] { return timed(events.size(), [&] { return bound(events); }); };
}

Calibration read_and_hash(const Events& events, double published_quotient) {
  return {"read + hash", loop(events, bounds::read_and_hash), published_quotient};
}

Parameters with_keys(std::uint64_t keys) { return {{"keys", std::to_string(keys)}}; }

/// Published: the better table at so many keys / read + hash. 0: not published.
double published_quotient(std::uint64_t keys) {
  if (keys == 1'000) return 170.0 / 283;
  if (keys == 10'000) return 126.0 / 283;
  if (keys == 1'000'000) return 16.0 / 326;
  return 0;
}

void run_tumbling(Suite& suite, std::uint64_t keys) {
  const std::string suffix = "/keys=" + std::to_string(keys);
  if (!suite.wants_workers("tumbling_count" + suffix) &&
      !suite.wants_workers("tumbling_sum" + suffix)) {
    return;
  }
  const Events events = make_events({.keys = keys});
  Group counts{.name = "tumbling_count" + suffix};
  counts.bounds = {loop(events, bounds::tumbling_count_absl),
                   loop(events, bounds::tumbling_count_own)};
  counts.calibrations = {read_and_hash(events, published_quotient(keys))};
  add_per_workers(counts, counts.name + "/workers=1", with_keys(keys),
                  [&](std::uint32_t workers) { return tumbling_count(events, workers); });
  suite.measure(counts);

  Group sums{.name = "tumbling_sum" + suffix};
  sums.rounds = 2;
  sums.bounds = {loop(events, bounds::tumbling_sum_absl), loop(events, bounds::tumbling_sum_own)};
  add_per_workers(sums, sums.name + "/workers=1", with_keys(keys),
                  [&](std::uint32_t workers) { return tumbling_sum(events, workers); });
  suite.measure(sums);
}

void run_hopping(Suite& suite, std::uint64_t keys) {
  Group group{.name = "hopping_sum"};
  if (!suite.wants_workers(group.name)) return;
  const Events events = make_events({.keys = keys});
  group.bounds = {loop(events, bounds::hopping_sum)};
  add_per_workers(group, group.name, with_keys(keys),
                  [&](std::uint32_t workers) { return hopping_sum(events, workers); });
  suite.measure(group);
}

void run_sessions(Suite& suite, std::uint64_t keys) {
  Group group{.name = "sessions"};
  if (!suite.wants_workers(group.name)) return;
  const Events events = make_visits(10'000'000, keys);
  group.bounds = {loop(events, bounds::sessions)};
  add_per_workers(group, group.name, with_keys(keys),
                  [&](std::uint32_t workers) { return sessions(events, workers); });
  suite.measure(group);
}

}  // namespace

void run_windows(Suite& suite) {
  for (const std::uint64_t keys : {1'000U, 10'000U, 100'000U, 1'000'000U})
    run_tumbling(suite, keys);
  run_hopping(suite, 10'000);
  run_sessions(suite, 100'000);
}

double machine_scaling() {
  const Events events = make_events({.count = 2'000'000});
  double one = 0;
  double two = 0;
  const auto work = [&events] {
    for (int i = 0; i < 10; ++i) keep(bounds::read_and_hash(events));
  };
  for (int round = 0; round < 3; ++round) {
    const Stopwatch alone;
    work();
    const double seconds_alone = alone.elapsed().seconds;
    const Stopwatch together;
    std::thread other{work};
    work();
    other.join();
    one = std::max(one, 1 / seconds_alone);
    two = std::max(two, 2 / together.elapsed().seconds);
  }
  return two / one;
}

}  // namespace bench
