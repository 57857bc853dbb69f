// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "weir/kafka_client.hpp"

namespace weir::inline v0::kafka {

/// Makes clients of the librdkafka that this process has loaded.
std::shared_ptr<KafkaClient> librdkafka_client();

}  // namespace weir::inline v0::kafka
