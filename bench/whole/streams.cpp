// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/whole/bounds.hpp"
#include "bench/whole/chain.hpp"
#include "bench/whole/job.hpp"
#include "bench/whole/workloads.hpp"
#include "weir/keyed_stream.hpp"

namespace bench {
namespace {

using Events = std::vector<Event>;
using Lines = std::vector<std::string>;

Run chain(const Events& events, std::uint32_t workers) {
  return run_job(events.size(), with_workers(workers), [&](auto& topology, auto& answer) {
    lent(topology, events)
        .filter(kIsWanted)
        .map(kReadingOf)
        .map(kScaled)
        .filter(kIsPlausible)
        .for_each([&answer](const Reading& reading) {
          answer += static_cast<std::uint64_t>(reading.value);
        });
  });
}

constexpr auto kWordsOf = [](const std::string& line, weir::Emitter<std::string>& out) {
  for_each_word(line, [&](std::string_view word) { out.emplace(word); });
};

/// Sums up all counts as they change, so every change is looked at.
Run word_count(const Lines& lines, std::uint64_t words, std::uint32_t workers) {
  return run_job(words, with_workers(workers), [&](auto& topology, auto& answer) {
    topology
        .source("lines", weir::io::lend(std::span<const std::string>{lines}, {.splits = kSplits}))
        .flat_map(kWordsOf)
        .key_by(std::identity{})
        .count()
        .changes()
        .for_each([&answer](const weir::Keyed<std::string, std::int64_t>& count) {
          answer += static_cast<std::uint64_t>(count.value);
        });
  });
}

/// Adds a field up at the other end, and emits nothing.
struct Adding final : weir::KeyedProcess<Key, Event, std::uint64_t> {
  explicit Adding(std::atomic<std::uint64_t>* total) : total_{total} {}
  ~Adding() override { total_->fetch_add(sum_); }

  void on_record(const Event& event) override { sum_ += static_cast<std::uint64_t>(event.amount); }

 private:
  std::atomic<std::uint64_t>* total_;
  std::uint64_t sum_ = 0;
};

Run exchange(const Events& events, std::uint32_t workers) {
  std::atomic<std::uint64_t> total{0};
  Run run = run_job(events.size(), with_workers(workers), [&](auto& topology, auto&) {
    lent(topology, events)
        .key_by(&Event::key)
        .template process<Adding>(&total)
        .for_each([](std::uint64_t) {});
  });
  run.answer = total;
  return run;
}

void run_chain(Suite& suite) {
  Group group{.name = "stateless_chain"};
  if (!suite.wants_workers(group.name)) return;
  const Events events = make_events({});
  group.bounds = {[&] { return timed(events.size(), [&] { return bounds::chain(events); }); }};
  group.calibrations = {
      {"read + hash",
       [&] { return timed(events.size(), [&] { return bounds::read_and_hash(events); }); },
       313.0 / 283}};
  add_per_workers(group, group.name, {},
                  [&](std::uint32_t workers) { return chain(events, workers); });
  suite.measure(group);
}

void run_word_count(Suite& suite) {
  Group group{.name = "word_count"};
  if (!suite.wants_workers(group.name)) return;
  const Lines lines = make_text(100'000'000, 200'000);
  const std::uint64_t words = bounds::tokenise(lines);
  group.bounds = {[&] { return timed(words, [&] { return bounds::word_count(lines); }); }};
  group.calibrations = {{"tokenise",
                         [&] { return timed(words, [&] { return bounds::tokenise(lines); }); },
                         14.0 / 78}};
  add_per_workers(group, group.name, {{"vocabulary", "200000"}},
                  [&](std::uint32_t workers) { return word_count(lines, words, workers); });
  suite.measure(group);
}

void run_exchange(Suite& suite) {
  Group group{.name = "exchange"};
  if (!suite.wants_workers(group.name)) return;
  const Events events = make_events({});
  group.bounds = {[&] { return timed(events.size(), [&] { return bounds::exchange(events); }); }};
  add_per_workers(group, group.name, {{"record_bytes", "100"}},
                  [&](std::uint32_t workers) { return exchange(events, workers); });
  suite.measure(group);
}

}  // namespace

void run_streams(Suite& suite) {
  run_chain(suite);
  run_word_count(suite);
  run_exchange(suite);
}

}  // namespace bench
