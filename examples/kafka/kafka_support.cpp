// SPDX-License-Identifier: Apache-2.0
#include "kafka/kafka_support.hpp"

namespace example {

std::vector<std::string> kafka_options(std::vector<std::string> more) {
  for (const char* name :
       {"brokers", "work", "interval", "instance", "until-end", "feed", "verify"}) {
    more.emplace_back(name);
  }
  return more;
}

weir::kafka::Cluster cluster_of(const Arguments& arguments) {
  return weir::kafka::Cluster{{.brokers = arguments.get("brokers", "localhost:9092")}};
}

}  // namespace example
