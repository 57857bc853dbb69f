// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/concepts.hpp"
#include "weir/detail/operators/process_host.hpp"
#include "weir/keyed_state.hpp"
#include "weir/punctuation.hpp"
#include "weir/state.hpp"
#include "weir/timer.hpp"

namespace weir::inline v0 {

/// User code over the records of one key at a time, with state and timers per key: what no other
/// operator says.
///
///     /// Alerts when a sensor has said nothing for 30 s.
///     struct Silence final : weir::KeyedProcess<std::string, Reading, Alert> {
///       weir::Value<weir::EventTime> last = value<weir::EventTime>("last");
///
///       void on_record(const Reading&) override {
///         last.set(time());
///         wake_at(time() + 30s);
///       }
///       void on_timer(const weir::Timer&) override {
///         if (*last.get() + 30s <= time()) emit({key()});
///       }
///     };
///
///     readings.key_by(&Reading::sensor).process<Silence>().to(...)
///
/// One object per shard serves all keys of the shard, one call at a time; what has to last is kept
/// in declared state, not in other members, which a restart forgets. If a call throws, what it did
/// until then stays done, and OnError decides about the record or timer.
template <class K, class T, class Out>
class KeyedProcess {
 public:
  using key_type = K;
  using record_type = T;
  using output_type = Out;

  KeyedProcess() = default;
  KeyedProcess(const KeyedProcess&) = delete;
  KeyedProcess& operator=(const KeyedProcess&) = delete;
  virtual ~KeyedProcess() = default;

  virtual void on_record(const T& record) = 0;
  /// A timer is due. Timers of event time come in the order of their times, before the watermark
  /// goes on; those of processing time that fell due while the job was down come at once.
  virtual void on_timer(const Timer& timer) { (void)timer; }

  /// For the runtime; not for users.
  detail::ProcessHost<K, Out>& host() noexcept { return host_; }

 protected:
  // --- state per key; declared as members, or in the constructor -------------------------------

  /// One value per key. `name` is unique in the process and stable: state is found by it.
  template <Encodable V>
  Value<V> value(std::string name, std::optional<Ttl> ttl = std::nullopt) {
    return Value<V>{host_.template declare<detail::ValueCellOf<K, V>>(std::move(name), ttl)};
  }
  /// A list per key; elements expire one by one.
  template <Encodable V>
  List<V> list(std::string name, std::optional<Ttl> ttl = std::nullopt) {
    return List<V>{host_.template declare<detail::ListCellOf<K, V>>(std::move(name), ttl)};
  }
  /// A map per key; entries expire one by one.
  template <StreamKey S, Encodable V>
  Map<S, V> map(std::string name, std::optional<Ttl> ttl = std::nullopt) {
    return Map<S, V>{host_.template declare<detail::MapCellOf<K, S, V>>(std::move(name), ttl)};
  }
  /// One value per key that takes others in: `fn(const V&, const V&) -> V`.
  template <Encodable V, std::invocable<const V&, const V&> F>
  Reducing<V> reducing(std::string name, F fn, std::optional<Ttl> ttl = std::nullopt) {
    return Reducing<V>{value<V>(std::move(name), ttl), std::move(fn)};
  }
  /// One A per key that takes values in: `a.add(value)`.
  template <Encodable A>
  Aggregating<A> aggregating(std::string name, std::optional<Ttl> ttl = std::nullopt) {
    return Aggregating<A>{value<A>(std::move(name), ttl)};
  }

  // --- what is at hand -------------------------------------------------------------------------

  /// The key of the record or timer.
  const K& key() const noexcept { return host_.key(); }
  /// The event time of the record, or the time of the timer.
  EventTime time() const noexcept { return host_.time(); }
  /// How far event time has come.
  EventTime watermark() const noexcept { return host_.watermark(); }
  /// Processing time, read once per batch.
  EventTime now() const noexcept { return host_.now(); }

  // --- output ----------------------------------------------------------------------------------

  /// A result with the time of what is at hand.
  void emit(Out result) { host_.emit(std::move(result), time()); }
  void emit(Out result, EventTime time) { host_.emit(std::move(result), time); }
  /// A record for a side output; dropped when nobody reads it.
  template <class U>
  void emit(const SideOutput<U>& side, std::type_identity_t<U> record) {
    host_.emit_side(side, std::move(record), time());
  }

  // --- timers of the key at hand ---------------------------------------------------------------

  /// Calls on_timer when the watermark reaches `time`; at the next watermark if it has. There is
  /// one timer per (key, time, name). Needs a stream with event_time().
  void wake_at(EventTime time, std::string_view name = {}) { host_.set_timer(time, name); }
  void cancel_wake_at(EventTime time, std::string_view name = {}) { host_.erase_timer(time, name); }
  /// Calls on_timer when the machine's clock reaches `time`.
  void wake_at_processing_time(EventTime time, std::string_view name = {}) {
    host_.set_clock_timer(time, name);
  }
  void cancel_wake_at_processing_time(EventTime time, std::string_view name = {}) {
    host_.erase_clock_timer(time, name);
  }
  /// Calls on_timer when event time reaches the next point of a grid, again and again: once per
  /// watermark however many points it passes, with the time reached. No effect while a repetition
  /// of this name is on for the key.
  void every(const PunctuationOptions& options, std::string_view name) {
    host_.start_every(options, name);
  }
  void cancel_every(std::string_view name) { host_.cancel_every(name); }

 private:
  detail::ProcessHost<K, Out> host_;
};

/// What a function given to `.process<Out>(...)` sets a process up with, and uses afterwards: the
/// same as KeyedProcess has.
///
///     .process<Alert>([](auto& setup) {
///       auto last = setup.template value<EventTime>("last");
///       setup.when_due([&setup, last](const Timer&) { setup.emit({setup.key()}); });
///       return [&setup, last](const Reading&) { last.set(setup.time()); };
///     })
///
/// It lives as long as the shard; called once per shard, so the function must not keep anything
/// outside of declared state.
template <class K, class T, class Out>
class ProcessSetup : public KeyedProcess<K, T, Out> {
  using Base = KeyedProcess<K, T, Out>;

 public:
  using Base::aggregating;
  using Base::cancel_every;
  using Base::cancel_wake_at;
  using Base::cancel_wake_at_processing_time;
  using Base::emit;
  using Base::every;
  using Base::key;
  using Base::list;
  using Base::map;
  using Base::now;
  using Base::reducing;
  using Base::time;
  using Base::value;
  using Base::wake_at;
  using Base::wake_at_processing_time;
  using Base::watermark;

  /// What runs when a timer is due.
  void when_due(std::function<void(const Timer&)> function) { when_due_ = std::move(function); }

  void on_timer(const Timer& timer) final {
    if (when_due_) when_due_(timer);
  }

 private:
  std::function<void(const Timer&)> when_due_;
};

/// A class derived from KeyedProcess<K, T, Out>, for some Out.
template <class P, class K, class T>
concept KeyedProcessOf = std::derived_from<P, KeyedProcess<K, T, typename P::output_type>>;

/// Sets a process up: `(ProcessSetup<K, T, Out>&) -> function of const T&`.
template <class F, class K, class T, class Out>
concept ProcessSetupFor = std::copy_constructible<F> &&
    requires(const F& setup, ProcessSetup<K, T, Out>& process, const T& record) {
  setup(process)(record);
};

}  // namespace weir::inline v0
