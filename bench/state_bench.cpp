// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "weir/detail/state/state_access.hpp"
#include "weir/random.hpp"

namespace {

namespace detail = weir::detail;

using Key = std::array<char, 16>;

std::vector<Key> make_keys(std::int64_t count) {
  std::vector<Key> keys(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string text = "k" + std::to_string(100'000'000'000'000 + i);
    text.copy(keys[i].data(), keys[i].size());
  }
  return keys;
}

/// The keys in a random order, with their hashes, as a shard gets them.
struct Draws {
  explicit Draws(std::int64_t count) : keys{make_keys(count)} {
    weir::Random random{1};
    random.shuffle(keys);
    for (const Key& key : keys) hashes.push_back(weir::hash_key(key, scratch));
  }
  std::vector<Key> keys;
  std::vector<std::uint64_t> hashes;
  std::string scratch;
};

detail::ShardStateOptions options(bool keeps_deltas) {
  detail::ShardStateOptions options;
  options.keeps_deltas = keeps_deltas;
  return options;
}

/// One update of a count; every key is there.
void update_table(benchmark::State& state) {
  const Draws draws{state.range(0)};
  detail::ShardState shard{options(false)};
  auto& table = detail::StateAccess{shard, {1}}.keyed<Key, std::int64_t>({.name = "counts"});
  for (auto _ : state) {
    for (std::size_t i = 0; i < draws.keys.size(); ++i) {
      ++table.get_or_create(draws.hashes[i], draws.keys[i]);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(update_table)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);

/// The same after a prefetch of 256 at a time.
void update_table_ahead(benchmark::State& state) {
  constexpr std::size_t kAhead = 256;
  const Draws draws{state.range(0)};
  detail::ShardState shard{options(false)};
  auto& table = detail::StateAccess{shard, {1}}.keyed<Key, std::int64_t>({.name = "counts"});
  for (auto _ : state) {
    for (std::size_t i = 0; i < draws.keys.size(); ++i) {
      if (i % kAhead == 0) {
        const std::size_t count = std::min(kAhead, draws.keys.size() - i);
        table.prefetch(draws.hashes.data() + i, draws.keys.data() + i, count);
      }
      ++table.get_or_create(draws.hashes[i], draws.keys[i]);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(update_table_ahead)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);

/// What a barrier costs per key that has changed: the pause of a shard.
void collect_delta(benchmark::State& state) {
  const Draws draws{state.range(0)};
  detail::ShardState shard{options(true)};
  auto& table = detail::StateAccess{shard, {1}}.keyed<Key, std::int64_t>({.name = "counts"});
  std::uint64_t checkpoint = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t i = 0; i < draws.keys.size(); ++i) {
      ++table.get_or_create(draws.hashes[i], draws.keys[i]);
    }
    state.ResumeTiming();
    benchmark::DoNotOptimize(shard.collect_delta({++checkpoint}));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(collect_delta)->Arg(1'000)->Arg(100'000)->Iterations(50);

}  // namespace

BENCHMARK_MAIN();
