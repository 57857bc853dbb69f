// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/broker.hpp"

// What tests do to topics from outside of weir: make them, fill them, read them. Every call waits
// until the broker shows its effect, and throws std::runtime_error if that takes longer than half a
// minute.
namespace kafka_test {

struct TopicOptions {
  int partitions = 1;
  int replicas = -1;                               // -1: as many as the broker's default says.
  std::map<std::string, std::string> config = {};  // Such as cleanup.policy=compact.
};

void create_topic(const ClientSettings& client, const std::string& topic,
                  const TopicOptions& options = {});
void delete_topic(const ClientSettings& client, const std::string& topic);
/// Adds partitions until there are so many.
void grow_topic(const ClientSettings& client, const std::string& topic, int partitions);
/// Sets the configuration of a topic; what is not named goes back to the default.
void alter_topic(const ClientSettings& client, const std::string& topic,
                 const std::map<std::string, std::string>& config);
/// Deletes the records of a partition before an offset.
void delete_records(const ClientSettings& client, const std::string& topic, int partition,
                    std::int64_t before);

/// The first offset of a partition, and the one after its last.
struct Offsets {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool operator==(const Offsets&) const = default;
};

/// Of all partitions. Open transactions are counted, too.
std::vector<Offsets> offsets_of(const ClientSettings& client, const std::string& topic);
/// The node that leads a partition.
int leader_of(const ClientSettings& client, const std::string& topic, int partition);
/// Returns when no replica of any topic lags: now another broker may be killed.
void wait_for_replicas(const ClientSettings& client);
/// What a group has committed: the offset and the metadata; nullopt where it has nothing.
std::optional<std::pair<std::int64_t, std::string>> committed_by(const ClientSettings& client,
                                                                 const std::string& group,
                                                                 const std::string& topic,
                                                                 int partition);

using Bytes = std::optional<std::string>;  // nullopt: no key, a tombstone.
using Headers = std::vector<std::pair<std::string, Bytes>>;

/// A record for a topic.
struct Sent {
  Bytes key = std::nullopt;
  Bytes value = std::nullopt;
  int partition = -1;        // -1: chosen by the key's hash as the Java client does, or at random.
  std::int64_t time_ms = 0;  // 0: now.
  Headers headers = {};
};

/// Sends records, in transactions if it has a transactional id.
class TestProducer final {
 public:
  explicit TestProducer(const ClientSettings& client, const std::string& transactional_id = {});
  TestProducer(const TestProducer&) = delete;
  TestProducer& operator=(const TestProducer&) = delete;
  /// Drops what was not flushed. An open transaction stays open, as after a crash.
  ~TestProducer();

  void begin();
  void send(const std::string& topic, const Sent& record);
  /// Returns when all that was sent is acknowledged; throws if any was refused.
  void flush();
  void commit();
  void abort();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Sends all, outside of transactions, and flushes.
void produce(const ClientSettings& client, const std::string& topic,
             const std::vector<Sent>& records);

/// A record from a topic.
struct Received {
  int partition = 0;
  std::int64_t offset = 0;
  std::int64_t time_ms = 0;
  Bytes key = std::nullopt;
  Bytes value = std::nullopt;
  Headers headers = {};
};

struct ReadOptions {
  /// As long may pass without a record before it gives up.
  int patience_ms = 30'000;
  /// False: reads committed records before the first open transaction, and does not wait for it.
  bool to_the_end = true;
};

/// Reads the committed records of a topic, up to its end as of the call, in the order of each
/// partition. Throws when a transaction that was open then does not end in time.
void read_committed(const ClientSettings& client, const std::string& topic,
                    const std::function<void(Received&&)>& each, const ReadOptions& options = {});
std::vector<Received> read_committed(const ClientSettings& client, const std::string& topic,
                                     const ReadOptions& options = {});
/// Their values only, without partitions.
std::vector<std::string> committed_values(const ClientSettings& client, const std::string& topic);

}  // namespace kafka_test
