// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "kafka/broker.hpp"

namespace kafka_test {

/// The one broker that all tests of a program share: the one that WEIR_TEST_BROKERS names, or else
/// one that is started when the first test asks, and ends with the last.
class SharedBroker final : public testing::Environment {
 public:
  SharedBroker();
  SharedBroker(const SharedBroker&) = delete;
  SharedBroker& operator=(const SharedBroker&) = delete;
  ~SharedBroker() override;

  void TearDown() override;
  /// Why there is none, see why_no_kafka().
  std::optional<std::string> why_not() const;
  const ClientSettings& client();

 private:
  std::unique_ptr<KafkaBrokers> own_;
  ClientSettings client_;
};

/// A test on the shared broker, skipped with the reason where none can be had. Its program links
/// weir_kafka_broker, which brings main().
class BrokerTest : public testing::Test {
 protected:
  void SetUp() override;

  /// What a client of the shared broker is set up with.
  const ClientSettings& client() const;
  std::string bootstrap() const { return client().at("bootstrap.servers"); }
  /// A name for a topic, a group or a job that no other test uses, on no broker.
  std::string unique(const std::string& what) const;
};

}  // namespace kafka_test
