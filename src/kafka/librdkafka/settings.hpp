// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/librdkafka/handles.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::kafka::librdkafka {

/// How a version of librdkafka is written in its own numbers: 0x020002ff is 2.0.2.
constexpr int kVersion_2_2_0 = 0x020200ff;
constexpr int kVersion_2_6_1 = 0x020601ff;
constexpr int kVersion_2_10_0 = 0x020a00ff;
constexpr int kVersion_2_10_1 = 0x020a01ff;

/// The version of the librdkafka that this process has loaded.
int loaded_version() noexcept;
/// "2.0.2".
std::string version_text(int version);

/// Why that version is not to be used; empty: it is.
std::vector<std::string> faults_of(int version);
/// What is known to be amiss in that version, and what weir does about it.
std::vector<std::string> notes_of(int version);

/// Up to which amount librdkafka fetches ahead, of each partition.
struct FetchAhead {
  std::size_t bytes = 0;
  std::size_t records = 0;
};

/// librdkafka bounds each partition by itself and wants to know at the start by how much, before
/// anybody knows how many partitions there will be: an eighth of all for each, at least 1 MiB.
/// A record costs librdkafka some 400 bytes beside its own: one per 256 bytes of the bound.
FetchAhead fetch_ahead(std::size_t fetch_bytes_max) noexcept;

/// The configuration of a client. Callbacks are left to the caller.
/// Throws KafkaError (refused) that names the option, never a secret value.
ConfPtr consumer_conf(const ConsumerSettings& settings, int version);
ConfPtr producer_conf(const ProducerSettings& settings, int version);

/// Throws for options that are weir's own or cannot work.
void check_options(const std::map<std::string, std::string>& config, int version);

/// Options that were given, by librdkafka's first name for them; empty when not given.
std::string option_or_empty(const std::map<std::string, std::string>& config,
                            std::string_view name);

}  // namespace weir::inline v0::kafka::librdkafka
