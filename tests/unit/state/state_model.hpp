// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "state/state_stream.hpp"
#include "tests/unit/state/memory_storage.hpp"
#include "weir/detail/state/memory_budget.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/random.hpp"

namespace weir::state_test {

using Timers = std::set<std::tuple<std::int64_t, std::string, std::string>>;

/// What the tables must hold, in plain containers.
struct Oracle {
  std::map<std::string, std::int64_t> values;
  std::map<std::int64_t, std::map<std::int64_t, std::string>> panes;
  std::map<std::int64_t, std::deque<std::string>> lists;
  std::map<std::string, std::map<std::int64_t, std::int64_t>> maps;
  Timers timers;
  friend bool operator==(const Oracle&, const Oracle&) = default;
};

/// How a run of the model goes.
struct ModelOptions {
  std::uint64_t seed = 1;
  std::size_t steps = 3'000;
  std::uint64_t budget_bytes = 1 << 30;
  std::int64_t key_count = 200;
  /// Makes a store; null: none.
  std::function<std::shared_ptr<detail::ShardStore>()> make_store = {};
};

/// Random operations on tables of all kinds, beside an oracle; with checkpoints, commits, bases,
/// applying, eviction, roll-backs and restores into new tables among them.
class StateModel final {
 public:
  explicit StateModel(ModelOptions options);

  /// Runs all steps; the state is compared after each change of generation, and at the end.
  void run();
  /// Everything that the tables say, by look-ups and by walks. Both must agree.
  Oracle read();
  const Oracle& expected() const { return now_; }

 private:
  struct Tables;
  struct Checkpoint {
    CheckpointId id;
    std::string delta_name;
    detail::StateCut cut;
    Oracle oracle;
    std::size_t delta_count;  // Deltas up to it.
  };

  void step();
  void change();
  void change_value();
  void change_pane();
  void change_list();
  void change_map();
  void change_timer();
  void fire_timers();
  void look_up_batch();
  void checkpoint();
  void commit();
  void take_base();
  void apply();
  void restart(bool in_place);
  void open();
  std::string name_of(std::int64_t number) const;
  void compare(const char* when);

  const ModelOptions options_;
  Random random_;
  MemoryStorage storage_;
  detail::MemoryBudget budget_;
  std::shared_ptr<detail::ShardStore> store_;
  std::unique_ptr<detail::ShardState> shard_;
  std::shared_ptr<Tables> tables_;
  Oracle now_;
  std::deque<Checkpoint> checkpoints_;  // Not committed yet.
  Checkpoint committed_;
  std::optional<detail::Base> base_;
  std::vector<std::pair<CheckpointId, std::string>> deltas_;  // Since the base, committed.
  std::uint64_t next_id_ = 1;
};

}  // namespace weir::state_test
