// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/dataflow/exchange_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TaskTime example() { return {{"clicks", 3, 8}, 1'700'000'000'000, EventTime{-5}, true, false}; }

TEST(ExchangeRecord, TimeReadsBack) {
  const TaskTime time = decode_time(encode_time(example()));
  EXPECT_EQ(time.place, (TaskPlace{"clicks", 3, 8}));
  EXPECT_EQ(time.epoch, 1'700'000'000'000U);
  EXPECT_EQ(time.watermark, EventTime{-5});
  EXPECT_TRUE(time.is_idle);
  EXPECT_FALSE(time.has_ended);
}

TEST(ExchangeRecord, BytesAreWhatTheyHaveAlwaysBeen) {
  EXPECT_EQ(encode_time({{"s", 1, 2}, 300, EventTime{1}, false, true}),
            std::string("\x01\x01\x01s\x01\x02\xac\x02\x02\x02", 10));
  ByteWriter out;
  write_record_head(out, 0x04030201, EventTime{-1});
  EXPECT_EQ(out.view(), std::string_view("\x01\x00\x01\x02\x03\x04\x01", 7));
}

TEST(ExchangeRecord, RecordOfAnotherTypeIsRefused) {
  ByteWriter out;
  write_record_head(out, 7, EventTime{5});
  ByteReader in{out.view()};
  EXPECT_EQ(read_record_head(in, 7), EventTime{5});
  ByteReader again{out.view()};
  EXPECT_THAT([&] { read_record_head(again, 8); },
              ThrowsMessage<CorruptState>(HasSubstr("another version of its type")));
}

TEST(ExchangeRecord, NewerVersionIsRefused) {
  EXPECT_THAT([] { kind_of(std::string_view("\x02\x00", 2)); },
              ThrowsMessage<CorruptState>(HasSubstr("version 2 is not known; 1 is")));
}

TEST(ExchangeRecord, DamagedTimeIsCorruptNeverWorse) {
  const std::string good = encode_time(example());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THROW(decode_time(std::string_view{good}.substr(0, size)), CorruptState) << size;
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string bad = good;
      bad[at] = static_cast<char>(byte);
      try {
        const TaskTime time = decode_time(bad);
        EXPECT_LT(time.place.number, time.place.count);
      } catch (const CorruptState&) {
      }
    }
  }
}

}  // namespace
}  // namespace weir::inline v0::detail
