// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "weir/concepts.hpp"
#include "weir/detail/operators/late_records.hpp"
#include "weir/record.hpp"
#include "weir/stream.hpp"

namespace weir::inline v0 {

/// The results of windows: a Stream<Out>, beside the records that came too late.
///
///     const auto spends =
///     payments.key_by(&Payment::card).window(tumbling(1min)).aggregate<Spend>(); spends.to(...);
///     spends.late().map(&Late<Card, Payment>::record).to(...);
template <class Out, class LateRecord>
class WindowResults final {
 public:
  using value_type = Out;

  explicit WindowResults(detail::NodeRef ref) : results_{std::move(ref)} {}

  /// Records that no window accepted, with their key, time, and the watermark that made them late.
  /// Unless it is used they are dropped and counted as late_dropped.
  Stream<LateRecord> late() const {
    return Stream<LateRecord>{ref().at_outlet(detail::kLateOutlet)};
  }

  /// The results as a plain stream.
  const Stream<Out>& stream() const noexcept { return results_; }
  operator Stream<Out>() const { return results_; }  // NOLINT: it is one, with one more outlet.

  /// Names the node; see Stream::named.
  WindowResults named(std::string name) const {
    ref().name(std::move(name));
    return *this;
  }
  /// What becomes of records for which user code throws.
  WindowResults on_error(OnError policy) const {
    ref().node().on_error = policy;
    return *this;
  }
  Stream<DeadLetter> dead_letters() const { return results_.dead_letters(); }

  // What a Stream has.
  template <MapFunction<Out> F>
  auto map(F function) const {
    return results_.map(std::move(function));
  }
  template <Predicate<Out> F>
  Stream<Out> filter(F predicate) const {
    return results_.filter(std::move(predicate));
  }
  template <FlatMapFunction<Out> F>
  auto flat_map(F function) const {
    return results_.flat_map(std::move(function));
  }
  template <class U, FlatMapFunctionTo<Out, U> F>
  Stream<U> flat_map(F function) const {
    return results_.template flat_map<U>(std::move(function));
  }
  template <Observer<Out> F>
  Stream<Out> peek(F observer) const {
    return results_.peek(std::move(observer));
  }
  Stream<Out> union_with(const Stream<Out>& other) const { return results_.union_with(other); }
  template <Predicate<Out>... F>
  auto split(F... predicates) const {
    return results_.split(std::move(predicates)...);
  }
  template <KeySelector<Out> F>
  auto key_by(F selector) const {
    return results_.key_by(std::move(selector));
  }
  template <class Windows>
  auto window_all(Windows windows) const {
    return results_.window_all(std::move(windows));
  }
  template <SinkFor<Out> S>
  Output to(S&& sink) const {
    return results_.to(std::forward<S>(sink));
  }
  template <SinkFor<Out> S>
  Output to(std::string name, S&& sink) const {
    return results_.to(std::move(name), std::forward<S>(sink));
  }
  template <Observer<Out> F>
  Output for_each(F function) const {
    return results_.for_each(std::move(function));
  }
  template <Observer<Out> F>
  Output for_each(std::string name, F function) const {
    return results_.for_each(std::move(name), std::move(function));
  }

  /// For handles that are built on this one; not for users.
  const detail::NodeRef& ref() const noexcept { return results_.ref(); }

 private:
  Stream<Out> results_;
};

}  // namespace weir::inline v0
