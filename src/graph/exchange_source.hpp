// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/detail/dataflow/upstream_time.hpp"
#include "weir/detail/graph/node.hpp"
#include "weir/exchange_topics.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::detail {

/// Reads a repartition topic: passes on its records, and of what its control records say, how far
/// time has come over all tasks that write to it. A split ends when all of them have ended.
///
/// A position is that of the topic's own source and, behind a space, what is known of those tasks:
/// their control records are not read again.
class ExchangeSource final : public Source<ExchangedRecord> {
 public:
  /// `is_bounded`: whether everything that is written to the topic ends.
  ExchangeSource(std::shared_ptr<Source<ExchangedRecord>> topic,
                 std::shared_ptr<const TopicRoute> route, std::function<bool()> is_bounded)
      : topic_{std::move(topic)}, route_{std::move(route)}, is_bounded_{std::move(is_bounded)} {}

  bool is_bounded() const override { return is_bounded_(); }
  std::vector<std::string> faults() const override { return topic_->faults(); }
  std::vector<std::string> job_faults(const JobOptions& options) const override {
    return topic_->job_faults(options);
  }
  std::vector<SplitId> splits(const SourceContext& context) override {
    return topic_->splits(context);
  }
  std::unique_ptr<SplitReader<ExchangedRecord>> open(const SplitId& split,
                                                     const std::optional<Position>& position,
                                                     const SourceContext& context) override;
  void committed(const SplitId& split, const Position& position) override;
  void job_ended() override { topic_->job_ended(); }
  bool has_watermarks() const override { return true; }
  std::optional<std::string> partitioned_topic() const override {
    return topic_->partitioned_topic();
  }
  std::uint32_t partition_count() override { return topic_->partition_count(); }
  std::uint32_t partition_of(const SplitId& split) const override {
    return topic_->partition_of(split);
  }
  std::shared_ptr<Participant> participant() override { return topic_->participant(); }
  std::shared_ptr<CommitAuthority> authority() override { return topic_->authority(); }

 private:
  const std::shared_ptr<Source<ExchangedRecord>> topic_;  // The connector's, perhaps shared there.
  const std::shared_ptr<const TopicRoute> route_;         // Shared with the nodes of both ends.
  const std::function<bool()> is_bounded_;
};

}  // namespace weir::inline v0::detail
