// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "weir/kafka_client.hpp"

namespace weir::inline v0::kafka {

KafkaError::KafkaError(Kind kind, std::string code, const std::string& message)
    : IoError{message + " (" + code + ")"}, kind_{kind}, code_{std::move(code)} {}

}  // namespace weir::inline v0::kafka
