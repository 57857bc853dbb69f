// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "kafka/output.hpp"
#include "kafka/send_queue.hpp"
#include "weir/detail/kafka/session.hpp"
#include "weir/sink.hpp"

namespace weir::inline v0::detail {

/// One task's way into the job's producer. Behind a barrier it keeps what it gets until the commit.
class GatedWriter final : public TopicWriter {
 public:
  /// `topic`: where records go that name none; empty: all name one.
  GatedWriter(Output& output, const TopicSinkSpec& spec, std::size_t bytes_max,
              const SinkContext& context);

  bool ready() override;
  EncodedRecords& records() override { return queue_->records(); }
  std::uint32_t topic(const std::string& name) override;
  void send() override;
  void barrier(CheckpointId checkpoint) override;
  void end() override;

 private:
  bool may_send() const;
  void ask_for(OutputTopic& topic);
  std::shared_ptr<SendQueue> new_queue();

  Output& output_;
  const TopicSinkSpec& spec_;
  const std::size_t bytes_max_;
  const SinkContext context_;
  std::shared_ptr<SendQueue> queue_;  // Shared with the output once it is left there.
  std::shared_ptr<SendQueue> left_;   // The one before, which has to be sent first.
  std::map<std::string, std::uint32_t> numbers_;
  std::uint64_t barriers_ = 0;
  OutputTopic* asked_for_ = nullptr;
  const std::shared_ptr<void> wake_;  // The output's handle.
};

}  // namespace weir::inline v0::detail
