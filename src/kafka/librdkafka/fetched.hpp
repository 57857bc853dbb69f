// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "kafka/librdkafka/handles.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::kafka::librdkafka {

/// Records as librdkafka holds them: each keeps the answer of the broker alive that it came in.
class Fetched final : public FetchedRecords {
 public:
  Fetched(SharedClient client, std::size_t record_count_max);
  ~Fetched() override;
  Fetched(const Fetched&) = delete;
  Fetched& operator=(const Fetched&) = delete;

  /// Requires: fewer records than room was made for.
  void add(MessagePtr message) noexcept;

  const std::vector<RecordView>& records() const override { return records_; }
  std::vector<HeaderView> headers(std::size_t record) const override;

 private:
  const SharedClient client_;  // The last to go.
  std::vector<rd_kafka_message_s*> messages_;
  std::vector<RecordView> records_;
};

}  // namespace weir::inline v0::kafka::librdkafka
