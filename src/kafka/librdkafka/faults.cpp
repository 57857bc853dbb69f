// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>

#include "kafka/librdkafka/settings.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

/// What weir works around.
struct Note {
  int mended_in = 0;  // The first version without it.
  std::string_view what;
};

constexpr std::array kNotes = {
    Note{kVersion_2_2_0,
         "a partition that has filled its queue is fetched again only after up to a second; weir "
         "wakes librdkafka up itself"},
    Note{0x020100ff,
         "an unclean election of a leader is not noticed: offsets may then name other records "
         "than before"},
    Note{0x020300ff,
         "a record whose delivery timed out and that may have been written ends the producer; "
         "weir starts the attempt again"},
    Note{kVersion_2_6_1,
         "SASL SCRAM is refused by brokers since 3.8.1; weir refuses it at the start"},
    Note{kVersion_2_10_0,
         "metadata may not be refreshed while a broker cannot be reached; weir starts the attempt "
         "again when a commit takes too long"},
    Note{kVersion_2_10_1,
         "the first record of a topic may be up to a second late; weir asks for each topic before "
         "it writes to it"},
};

/// Versions that lose or double records, whatever is done about it.
struct Refusal {
  int since = 0;
  int mended_in = 0;
  std::string_view why;
};

constexpr std::array kRefusals = {
    Refusal{0, 0x020000ff, "was never tried with weir, and has known faults in transactions"},
    // confluentinc/librdkafka, issue 4736 and pull request 4750.
    Refusal{kVersion_2_2_0, 0x020500ff,
            "may send a batch with other records when it tries again: brokers take that for a "
            "repetition, and records are lost"},
};

}  // namespace

std::string version_text(int version) {
  const auto part = [version](int shift) { return std::to_string((version >> shift) & 0xff); };
  return part(24) + "." + part(16) + "." + part(8);
}

std::vector<std::string> notes_of(int version) {
  std::vector<std::string> notes;
  for (const Note& note : kNotes) {
    if (version >= note.mended_in) continue;
    notes.push_back("librdkafka " + version_text(version) + ", until " +
                    version_text(note.mended_in) + ": " + std::string{note.what});
  }
  return notes;
}

std::vector<std::string> faults_of(int version) {
  std::vector<std::string> faults;
  for (const Refusal& refusal : kRefusals) {
    if (version < refusal.since || version >= refusal.mended_in) continue;
    faults.push_back("librdkafka " + version_text(version) + " " + std::string{refusal.why} +
                     "; use " + version_text(refusal.mended_in) + " or a newer one");
  }
  return faults;
}

}  // namespace weir::inline v0::kafka::librdkafka
