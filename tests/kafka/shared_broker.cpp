// SPDX-License-Identifier: Apache-2.0
#include "kafka/shared_broker.hpp"

#include <cstdlib>
#include <random>

namespace kafka_test {
namespace {

/// What ctest takes for "skipped".
constexpr int kSkipped = 77;

std::string named_brokers() {
  const char* brokers = std::getenv("WEIR_TEST_BROKERS");
  return brokers != nullptr ? brokers : "";
}

/// Owned by gtest; main() sets it before any test runs.
SharedBroker* shared = nullptr;

}  // namespace

SharedBroker::SharedBroker() = default;
SharedBroker::~SharedBroker() = default;

void SharedBroker::TearDown() { own_.reset(); }

std::optional<std::string> SharedBroker::why_not() const {
  return named_brokers().empty() ? why_no_kafka() : std::nullopt;
}

const ClientSettings& SharedBroker::client() {
  if (!client_.empty()) return client_;
  if (const std::string brokers = named_brokers(); !brokers.empty()) {
    client_ = {{"bootstrap.servers", brokers}};
  } else {
    own_ = std::make_unique<KafkaBrokers>();
    client_ = own_->client();
  }
  return client_;
}

void BrokerTest::SetUp() {
  if (const auto why = shared->why_not()) GTEST_SKIP() << *why;
}

const ClientSettings& BrokerTest::client() const { return shared->client(); }

std::string BrokerTest::unique(const std::string& what) const {
  std::random_device random;
  return what + "-" + std::to_string(random()) + std::to_string(random());
}

}  // namespace kafka_test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  kafka_test::shared = std::make_unique<kafka_test::SharedBroker>().release();
  testing::AddGlobalTestEnvironment(kafka_test::shared);
  const int status = RUN_ALL_TESTS();
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  const bool all_skipped = all.skipped_test_count() > 0 && all.successful_test_count() == 0;
  return status == 0 && all_skipped ? kafka_test::kSkipped : status;
}
