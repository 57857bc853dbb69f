// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "testing/keyed_harness.hpp"
#include "weir/detail/operators/late_records.hpp"

namespace weir::inline v0::testing {

struct WatermarkStep {
  EventTime watermark;
};
struct ClockStep {
  EventTime now;
};
struct RestartStep {};

/// What happens to an operator, one thing after the other.
template <class K, class T>
using Steps = std::vector<std::variant<KeyedRecord<K, T>, WatermarkStep, ClockStep, RestartStep>>;

/// How an example is played.
enum class Way : std::uint8_t {
  one_by_one,            ///< Every record in a batch of its own.
  in_bulk,               ///< Neighbouring records in one batch.
  checkpoint_each,       ///< A checkpoint after each step.
  restart_each,          ///< A new instance after each step.
  restart_every_second,  ///< A new instance after every second step.
};
inline constexpr Way kAllWays[] = {Way::one_by_one, Way::in_bulk, Way::checkpoint_each,
                                   Way::restart_each, Way::restart_every_second};

/// What came of it.
template <class K, class T, class Out>
struct Outcome {
  std::vector<Out> results;
  std::vector<EventTime> times;  ///< Of the results.
  std::vector<Late<K, T>> late;
  std::vector<std::size_t> results_before_watermark;  ///< For each watermark that came through.
  std::uint64_t late_window_misses = 0;
  std::uint64_t filtered = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

namespace gauntlet_detail {

/// How many records the log shows before each watermark.
inline std::vector<std::size_t> before_watermarks(const std::vector<std::string>& log) {
  std::vector<std::size_t> counts;
  std::size_t count = 0;
  for (const std::string& entry : log) {
    if (entry.find(" records") != std::string::npos) count += std::stoul(entry);
    if (entry.rfind("watermark", 0) == 0) counts.push_back(count);
  }
  return counts;
}

}  // namespace gauntlet_detail

/// Plays an example one way. Outlets: 0 the results, 2 the late records, as windows have them.
template <class Out, class K, class T>
Outcome<K, T, Out> play(const typename KeyedHarness<K, T>::Make& make, const Steps<K, T>& steps,
                        Way way, Refusal refusal, bool has_late = true) {
  KeyedHarness<K, T> harness{make, refusal};
  Probe<Out>& results = harness.template probe<Out>();
  Probe<Late<K, T>>* const late = has_late ? &harness.template probe<Late<K, T>>(2) : nullptr;
  harness.open();
  std::vector<KeyedRecord<K, T>> batch;
  const auto push = [&] {
    if (!batch.empty()) harness.push(std::exchange(batch, {}));
  };
  std::size_t number = 0;
  for (const auto& step : steps) {
    ++number;
    if (const auto* record = std::get_if<KeyedRecord<K, T>>(&step)) {
      batch.push_back(*record);
      if (way != Way::in_bulk) push();
    } else {
      push();
    }
    if (const auto* time = std::get_if<WatermarkStep>(&step)) harness.watermark(time->watermark);
    if (const auto* time = std::get_if<ClockStep>(&step)) harness.clock(time->now);
    if (std::holds_alternative<RestartStep>(step)) harness.restart();
    if (way == Way::checkpoint_each) harness.checkpoint();
    if (way == Way::restart_each) harness.restart();
    if (way == Way::restart_every_second && number % 2 == 0) harness.restart();
  }
  push();
  harness.end();
  return {results.values,
          results.times,
          late != nullptr ? late->values : std::vector<Late<K, T>>{},
          gauntlet_detail::before_watermarks(results.log),
          harness.count(&detail::NodeMetrics::late_window_misses),
          harness.count(&detail::NodeMetrics::filtered)};
}

/// Plays an example in all ways, into an output that is always ready and one that is full half the
/// time. Calls `check(first, outcome, description)` with each; all of them must be the same.
template <class Out, class K, class T, class Check>
Outcome<K, T, Out> run_gauntlet(const typename KeyedHarness<K, T>::Make& make,
                                const Steps<K, T>& steps, const Check& check,
                                bool has_late = true) {
  const Outcome<K, T, Out> first =
      play<Out, K, T>(make, steps, Way::one_by_one, Refusal::never, has_late);
  for (const Way way : kAllWays) {
    for (const Refusal refusal : {Refusal::never, Refusal::every_other}) {
      const Outcome<K, T, Out> outcome = play<Out, K, T>(make, steps, way, refusal, has_late);
      check(first, outcome,
            "way " + std::to_string(static_cast<int>(way)) +
                (refusal == Refusal::never ? "" : ", into a full output"));
    }
  }
  return first;
}

}  // namespace weir::inline v0::testing
