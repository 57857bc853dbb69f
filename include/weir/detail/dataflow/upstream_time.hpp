// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/bytes.hpp"
#include "weir/detail/dataflow/exchange_record.hpp"
#include "weir/export.hpp"
#include "weir/watermarks.hpp"

namespace weir::inline v0::detail {

/// How far time has come over all tasks that write to a repartition topic, in whatever process they
/// run, from what they say of themselves in one partition of it.
///
/// Invariants:
/// 1. There is no watermark before every task of every stage was heard: a stage that was not, and
///    a task that the number of tasks says is there, hold time back.
/// 2. Of one task, what a lower epoch says later counts for nothing.
class WEIR_API UpstreamTime final {
 public:
  /// `stages`: all that write to the topic.
  explicit UpstreamTime(const std::vector<std::string>& stages);

  /// What a task says. A stage that does not write any more is ignored.
  void apply(const TaskTime& news);

  EventTime watermark() const noexcept { return valve_.watermark(); }
  bool is_idle() const noexcept { return valve_.is_idle(); }
  /// Every task has ended: nothing will come any more.
  bool has_ended() const noexcept;

  void save(ByteWriter& out) const;
  void load(ByteReader& in);

 private:
  struct Task {
    std::size_t input = 0;  ///< Of the valve.
    std::uint64_t epoch = 0;
    bool has_ended = false;
  };
  struct Stage {
    /// One stands for all before the first is heard.
    std::vector<Task> tasks;
    std::uint64_t epoch = 0;  ///< Of who said how many tasks there are; 0: nobody did.
  };

  void resize(Stage& stage, std::uint32_t count);
  static Stage read_stage(ByteReader& in);

  std::map<std::string, Stage> stages_;
  WatermarkValve valve_;
};

}  // namespace weir::inline v0::detail
