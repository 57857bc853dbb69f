// SPDX-License-Identifier: Apache-2.0
#include "bench/whole/records.hpp"

#include <cmath>
#include <deque>
#include <utility>

namespace bench {

Key key_of(std::uint64_t id) {
  Key key;
  key.fill('0');
  key[0] = 'k';
  for (std::size_t at = key.size(); id > 0; id /= 10) key[--at] = static_cast<char>('0' + id % 10);
  return key;
}

Zipf::Zipf(std::uint64_t count, double exponent)
    : count_{static_cast<double>(count)}, exponent_{exponent} {
  low_ = integral(1.5) - 1;
  high_ = integral(count_ + 0.5);
  cut_ = 2 - inverse(integral(2.5) - std::pow(2, -exponent_));
}

double Zipf::integral(double x) const {
  const double power = (1 - exponent_) * std::log(x);
  return std::abs(power) > 1e-8 ? std::expm1(power) / (1 - exponent_) : std::log(x);
}

double Zipf::inverse(double y) const {
  const double t = y * (1 - exponent_);
  return std::abs(t) > 1e-8 ? std::exp(std::log1p(t) / (1 - exponent_)) : std::exp(y);
}

std::uint64_t Zipf::draw(weir::Random& random) const {
  for (;;) {
    const double y = high_ + random.real() * (low_ - high_);
    const double x = inverse(y);
    const double k = std::fmin(std::fmax(std::floor(x + 0.5), 1), count_);
    if (k - x <= cut_ || y >= integral(k + 0.5) - std::pow(k, -exponent_)) {
      return static_cast<std::uint64_t>(k) - 1;
    }
  }
}

namespace {

Event make_event(std::uint64_t id, std::int64_t time_ms, weir::Random& random) {
  Event event{};
  event.key = key_of(id);
  event.time_ms = static_cast<std::uint32_t>(time_ms);
  event.amount = static_cast<std::int32_t>(random.below(1000));
  event.payload.fill('x');
  return event;
}

/// `time_ms` made late by up to the jitter, but not before the start.
std::int64_t jittered(std::uint64_t time_ms, weir::Random& random) {
  return static_cast<std::int64_t>(time_ms) + kJitterMs - random.between(0, kJitterMs);
}

/// Calls make(i) in order of time; the two splits take its records by turns.
template <class Make>
std::vector<Event> in_two_splits(std::uint64_t count, const Make& make) {
  std::vector<Event> events(count / kSplits * kSplits);
  const std::size_t half = events.size() / kSplits;
  for (std::size_t i = 0; i < half; ++i) {
    events[i] = make(kSplits * i);
    events[half + i] = make(kSplits * i + 1);
  }
  return events;
}

}  // namespace

std::vector<Event> make_events(const EventOptions& options) {
  weir::Random random{options.keys};
  return in_two_splits(options.count, [&](std::uint64_t i) {
    return make_event(random.below(options.keys), jittered(i * 1000 / options.per_second, random),
                      random);
  });
}

std::vector<Event> make_visits(std::uint64_t count, std::uint64_t keys) {
  constexpr std::uint64_t kPerSession = 10;
  constexpr std::uint64_t kPerSecond = 10'000;
  struct Visitor {
    std::uint64_t id;
    std::uint64_t left;
  };
  weir::Random random{keys};
  std::vector<Visitor> active;
  std::uint64_t next = 0;
  for (; next < keys / 10; ++next) active.push_back({next, kPerSession});
  return in_two_splits(count, [&](std::uint64_t i) {
    Visitor& visitor = random.pick(active);
    const std::uint64_t id = visitor.id;
    if (--visitor.left == 0) visitor = {next++ % keys, kPerSession};
    return make_event(id, jittered(i * 1000 / kPerSecond, random), random);
  });
}

std::vector<std::string> make_text(std::size_t bytes, std::uint64_t vocabulary) {
  constexpr std::size_t kWordsPerLine = 12;
  weir::Random random{vocabulary};
  std::vector<std::string> words(vocabulary);
  for (std::string& word : words) {
    word.resize(3 + random.below(6));
    for (char& letter : word) letter = static_cast<char>('a' + random.below(26));
  }
  const Zipf zipf{vocabulary, 1.0};
  std::vector<std::string> lines;
  for (std::size_t made = 0; made < bytes; made += lines.back().size() + 1) {
    std::string& line = lines.emplace_back();
    for (std::size_t i = 0; i < kWordsPerLine; ++i) {
      if (i > 0) line += ' ';
      line += words[zipf.draw(random)];
    }
  }
  return lines;
}

}  // namespace bench
