// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/export.hpp"
#include "weir/random.hpp"

namespace weir::inline v0::testing {

/// The simulated process has died. Not a weir::Error: nothing that handles failures of the world
/// takes it for one. Whoever simulates the process catches it, and restarts.
class WEIR_API SimulatedCrash final : public std::exception {
 public:
  const char* what() const noexcept override { return "simulated crash"; }
};

/// An effect by what it does, to die at it.
struct CrashPoint {
  /// How "operation object" begins, as in Effects::last(): "commit", "rename out/.part".
  std::string effect;
  /// Which of those there are from now on.
  std::uint32_t occurrence = 1;
  enum class Moment : std::uint8_t { before, after };
  Moment moment = Moment::before;  ///< Whether the effect still happens.
};

/// Numbers the effects of a simulated process on its world, from 1 on, and ends the process at one
/// of them. Shared by all parts of a simulated machine, so that one number names one moment.
///
///     Effects effects{{.seed = 7, .crash_at = 12}};
///     SimDisk disk{effects};
///     try { work(disk); } catch (const SimulatedCrash&) {}
///     disk.restart();      // what was not synced may be gone
///     effects.restart();   // effects may happen again, and nothing crashes any more
///
/// Thread safety: any thread.
class WEIR_API Effects final {
 public:
  struct Options {
    std::uint64_t seed = 1;
    /// The effect at which the process dies; the seed says whether it still happens.
    std::optional<std::uint64_t> crash_at;
  };

  Effects() : Effects(Options{}) {}
  explicit Effects(const Options& options);

  /// Counts an effect and runs it, or dies before or after it. `action` makes it happen.
  template <class Action>
  auto run(std::string_view operation, std::string_view object, Action&& action) {
    const Fate fate = next(operation, object);
    if (fate == Fate::crash_before) die();
    if constexpr (std::is_void_v<decltype(action())>) {
      action();
      if (fate == Fate::crash_after) die();
    } else {
      auto result = action();
      if (fate == Fate::crash_after) die();
      return result;
    }
  }

  /// Throws SimulatedCrash if the process is dead, or was restarted since `generation`.
  void check_alive(std::uint64_t generation) const;

  /// How many effects there were.
  std::uint64_t count() const;
  /// The last effect in words: "12: rename a/b".
  std::string last() const;
  bool has_crashed() const;
  /// Lives so many times; what was opened in an earlier life is dead.
  std::uint64_t generation() const;

  /// The process dies at that effect, counted from the beginning.
  void crash_at(std::optional<std::uint64_t> effect);
  /// The process dies there, unless it dies before.
  void crash_at(CrashPoint point);
  /// The process dies now.
  [[noreturn]] void die();
  /// A new process starts; nothing crashes any more unless crash_at() says so.
  void restart();

 private:
  enum class Fate : std::uint8_t { happens, crash_before, crash_after };
  Fate next(std::string_view operation, std::string_view object);
  bool is_at_point(std::string_view effect);

  mutable std::mutex mutex_;  // Guards everything below.
  Random random_;
  std::optional<std::uint64_t> crash_at_;
  std::optional<CrashPoint> crash_point_;
  std::uint64_t count_ = 0;
  std::uint64_t generation_ = 1;
  bool is_dead_ = false;
  std::string last_;
};

}  // namespace weir::inline v0::testing
