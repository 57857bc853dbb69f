// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/owned_options.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace weir::inline v0::kafka::librdkafka {
namespace {

struct OwnedOption {
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view kBrokers = "the brokers are given beside the options";
constexpr std::string_view kCheckpoints = "offsets are committed by checkpoints, and only there";
constexpr std::string_view kStart = "where to start is an option of the source";
constexpr std::string_view kCommitted =
    "uncommitted records are those that a failure takes back, and reading offsets that are settled "
    "depends on it, too";
constexpr std::string_view kIdentity = "it is made of the names of the job and the instance";
constexpr std::string_view kExactly = "records must be neither doubled nor put out of order";
constexpr std::string_view kAtEnd = "reading up to an end depends on it";
constexpr std::string_view kRange =
    "topics that are read together must be shared out alike, and the cooperative way loses records "
    "in some versions";
constexpr std::string_view kEvents = "it decides what weir hears of";
constexpr std::string_view kGroupProtocol =
    "a group of the new protocol has no assignment that its members decide";
constexpr std::string_view kOwnTimeout = "it is an option of its own beside the client's";

constexpr std::array kOwned = {
    OwnedOption{"auto.commit.enable", kCheckpoints},
    OwnedOption{"auto.commit.interval.ms", kCheckpoints},
    OwnedOption{"auto.offset.reset", kStart},
    OwnedOption{"background_event_cb", kEvents},
    OwnedOption{"bootstrap.servers", kBrokers},
    OwnedOption{"delivery.report.only.error", kEvents},
    OwnedOption{"enable.auto.commit", kCheckpoints},
    OwnedOption{"enable.auto.offset.store", kCheckpoints},
    OwnedOption{"enable.idempotence", kExactly},
    OwnedOption{"enable.partition.eof", kAtEnd},
    OwnedOption{"enabled_events", kEvents},
    OwnedOption{"group.id", kIdentity},
    OwnedOption{"group.instance.id", kIdentity},
    OwnedOption{"group.protocol", kGroupProtocol},
    OwnedOption{"group.remote.assignor", kGroupProtocol},
    OwnedOption{"isolation.level", kCommitted},
    OwnedOption{"log.queue", kEvents},
    OwnedOption{"metadata.broker.list", kBrokers},
    OwnedOption{"offset.store.method", kCheckpoints},
    OwnedOption{"offset.store.path", kCheckpoints},
    OwnedOption{"partition.assignment.strategy", kRange},
    OwnedOption{"queuing.strategy", kExactly},
    OwnedOption{"session.timeout.ms", kOwnTimeout},
    OwnedOption{"transaction.timeout.ms", kOwnTimeout},
    OwnedOption{"transactional.id", kIdentity},
};

constexpr std::array<std::string_view, 9> kSecrets = {"sasl.oauthbearer.client.secret",
                                                      "sasl.oauthbearer.config",
                                                      "sasl.password",
                                                      "sasl.username",
                                                      "ssl.ca.pem",
                                                      "ssl.certificate.pem",
                                                      "ssl.key.password",
                                                      "ssl.key.pem",
                                                      "ssl.keystore.password"};

}  // namespace

std::string_view why_not_to_set(std::string_view option) noexcept {
  const auto* const found =
      std::find_if(std::begin(kOwned), std::end(kOwned),
                   [&](const OwnedOption& owned) { return owned.name == option; });
  return found == std::end(kOwned) ? std::string_view{} : found->why;
}

bool is_secret(std::string_view option) noexcept {
  // What a later librdkafka adds is most likely called so.
  return std::find(kSecrets.begin(), kSecrets.end(), option) != kSecrets.end() ||
         option.find("password") != std::string_view::npos ||
         option.find("secret") != std::string_view::npos;
}

}  // namespace weir::inline v0::kafka::librdkafka
