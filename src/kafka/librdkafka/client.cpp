// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/client.hpp"

#include <utility>

#include "kafka/librdkafka/admin.hpp"
#include "kafka/librdkafka/consumer.hpp"
#include "kafka/librdkafka/producer.hpp"
#include "kafka/librdkafka/queries.hpp"
#include "kafka/librdkafka/settings.hpp"

namespace weir::inline v0::kafka {
namespace {

class LibrdkafkaClient final : public KafkaClient {
 public:
  std::unique_ptr<Consumer> make_consumer(ConsumerSettings settings) override {
    return std::make_unique<librdkafka::GroupConsumer>(std::move(settings));
  }

  std::unique_ptr<Producer> make_producer(ProducerSettings settings) override {
    return std::make_unique<librdkafka::QueueProducer>(std::move(settings));
  }

  CommittedOffsets committed_of(const ConsumerSettings& settings,
                                const std::vector<TopicPartition>& partitions,
                                Duration timeout) override {
    const librdkafka::ClientPtr observer = librdkafka::make_observer(settings);
    return librdkafka::committed(*observer, partitions, timeout);
  }

  std::vector<std::string> faults() const override {
    return librdkafka::faults_of(librdkafka::loaded_version());
  }
  std::vector<std::string> notes() const override {
    return librdkafka::notes_of(librdkafka::loaded_version());
  }

  void create_topic(const ConsumerSettings& settings, const std::string& topic,
                    const NewTopic& wanted, Duration timeout) override {
    const librdkafka::ClientPtr observer = librdkafka::make_observer(settings);
    librdkafka::create_topic(*observer, topic, wanted, timeout);
  }
  void delete_records(const ConsumerSettings& settings,
                      const std::map<TopicPartition, std::int64_t>& before,
                      Duration timeout) override {
    const librdkafka::ClientPtr observer = librdkafka::make_observer(settings);
    librdkafka::delete_records(*observer, before, timeout);
  }
};

}  // namespace

std::shared_ptr<KafkaClient> librdkafka_client() { return std::make_shared<LibrdkafkaClient>(); }

}  // namespace weir::inline v0::kafka
