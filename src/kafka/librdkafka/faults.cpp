// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>

#include "kafka/librdkafka/settings.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

struct Fault {
  int mended_in = 0;  // The first version without it.
  std::string_view what;
};

constexpr std::array kFaults = {
    Fault{kVersion_2_2_0,
          "a partition that has filled its queue is fetched again only after up to a second; weir "
          "wakes librdkafka up itself"},
    Fault{0x020100ff,
          "an unclean election of a leader is not noticed: offsets may then name other records "
          "than before"},
    Fault{0x020300ff,
          "a record whose delivery timed out and that may have been written ends the producer; "
          "weir starts the attempt again"},
    Fault{kVersion_2_6_1,
          "SASL SCRAM is refused by brokers since 3.8.1; weir refuses it at the start"},
    Fault{kVersion_2_10_0,
          "metadata may not be refreshed while a broker cannot be reached; weir starts the attempt "
          "again when a commit takes too long"},
    Fault{kVersion_2_10_1,
          "the first record of a topic may be up to a second late; weir asks for each topic before "
          "it writes to it"},
};

}  // namespace

std::string version_text(int version) {
  const auto part = [version](int shift) { return std::to_string((version >> shift) & 0xff); };
  return part(24) + "." + part(16) + "." + part(8);
}

std::vector<std::string> faults_of(int version) {
  std::vector<std::string> faults;
  for (const Fault& fault : kFaults) {
    if (version >= fault.mended_in) continue;
    faults.push_back("librdkafka " + version_text(version) + ", until " +
                     version_text(fault.mended_in) + ": " + std::string{fault.what});
  }
  return faults;
}

}  // namespace weir::inline v0::kafka::librdkafka
