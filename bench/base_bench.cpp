// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "base/ring.hpp"
#include "weir/key.hpp"

namespace {

/// The hash that decides about the shard of a key of so many bytes.
void hash_text_key(benchmark::State& state) {
  const std::string key(static_cast<std::size_t>(state.range(0)), 'k');
  std::string scratch;
  for (auto _ : state) benchmark::DoNotOptimize(weir::hash_key(key, scratch));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hash_text_key)->Arg(8)->Arg(16)->Arg(64);

void hash_number_key(benchmark::State& state) {
  std::string scratch;
  std::int64_t key = 0;
  for (auto _ : state) benchmark::DoNotOptimize(weir::hash_key(++key, scratch));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hash_number_key);

/// In and out of a ring, on one thread.
void pass_through_ring(benchmark::State& state) {
  weir::Ring<std::uint64_t> ring{16};
  std::uint64_t sum = 0;
  for (auto _ : state) {
    if (ring.try_push(std::uint64_t{1})) sum += ring.try_pop().value_or(0);
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pass_through_ring);

/// From one thread to another, both of which spin.
void cross_threads(benchmark::State& state) {
  weir::Ring<std::uint64_t> ring{1024};
  std::atomic<bool> is_over{false};
  std::thread consumer{[&] {
    while (!is_over.load(std::memory_order_relaxed)) benchmark::DoNotOptimize(ring.try_pop());
  }};
  for (auto _ : state) {
    while (!ring.try_push(std::uint64_t{1})) {
    }
  }
  is_over = true;
  consumer.join();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(cross_threads)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
