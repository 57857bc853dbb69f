// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "weir/random.hpp"
#include "weir/time.hpp"

namespace bench {

using Key = std::array<char, 16>;

/// A record of 100 bytes, of which an operator reads a few.
struct Event {
  Key key;
  std::uint32_t time_ms;  ///< Since the first record.
  std::int32_t amount;
  std::array<char, 76> payload;
};
static_assert(sizeof(Event) == 100);

/// A lambda, as users write it: calls of it are inlined, those of a function would not be.
inline constexpr auto kTimeOf = [](const Event& event) { return weir::EventTime{event.time_ms}; };

/// Number `id` as 16 characters.
Key key_of(std::uint64_t id);

/// Numbers 0 .. count-1, of which small ones are likelier: number k with 1 / (k + 1)^exponent.
/// By rejection-inversion (Hörmann, Derflinger 1996): no table, constant time.
class Zipf final {
 public:
  Zipf(std::uint64_t count, double exponent);
  std::uint64_t draw(weir::Random& random) const;

 private:
  double integral(double x) const;
  double inverse(double y) const;

  double count_;
  double exponent_;
  double low_;
  double high_;
  double cut_;
};

/// A permutation of 0 .. count-1: scatters hot keys over the tables.
inline std::uint64_t scattered(std::uint64_t id, std::uint64_t count) {
  constexpr std::uint64_t kPrime = 2'654'435'761;  // Coprime to every count in use.
  return id * kPrime % count;
}

inline constexpr std::uint32_t kSplits = 2;
inline constexpr std::uint32_t kBatch = 1024;
inline constexpr std::int64_t kJitterMs = 2'000;

struct EventOptions {
  std::uint64_t count = 10'000'000;
  std::uint64_t keys = 10'000;
  std::uint64_t per_second = 100'000;  ///< Of event time.
};

/// Records with uniform keys and up to 2 s of disorder, as two splits of one size that lie one
/// behind the other and run over the same time.
std::vector<Event> make_events(const EventOptions& options);

/// Visits, for each key, sessions of ten records about a second apart, with pauses of about 100 s
/// between them; laid out like make_events.
std::vector<Event> make_visits(std::uint64_t count, std::uint64_t keys);

/// Calls visit(first, last) for batches of both splits by turns, as a worker reads them.
template <class Visit>
void for_each_batch(const std::vector<Event>& events, const Visit& visit) {
  const std::size_t half = events.size() / kSplits;
  for (std::size_t begin = 0; begin < half; begin += kBatch) {
    const std::size_t end = begin + kBatch < half ? begin + kBatch : half;
    visit(events.data() + begin, events.data() + end);
    visit(events.data() + half + begin, events.data() + half + end);
  }
}

/// Lines of words, about `bytes` long in all: words of 3 to 8 letters, Zipf over `vocabulary`.
std::vector<std::string> make_text(std::size_t bytes, std::uint64_t vocabulary);

}  // namespace bench
