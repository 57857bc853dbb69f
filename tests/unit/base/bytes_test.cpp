// SPDX-License-Identifier: Apache-2.0
#include "weir/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "weir/error.hpp"
#include "weir/random.hpp"

namespace weir {
namespace {

using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace): "a\0b"sv
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

TEST(ByteWriter, WritesFixedNumbersWithTheLeastByteFirst) {
  ByteWriter out;

  out.u8(0x01);
  out.u16(0x0203);
  out.u32(0x04050607);
  out.u64(0x08090a0b0c0d0e0f);

  EXPECT_EQ(out.view(), "\x01\x03\x02\x07\x06\x05\x04\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08"sv);
}

TEST(ByteWriter, WritesBigNumbersSoThatTheirBytesSort) {
  ByteWriter out;

  out.big_u16(0x0102);
  out.big_u32(0x03040506);
  out.big_u64(0x0708090a0b0c0d0e);

  EXPECT_EQ(out.view(), "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e"sv);
}

TEST(ByteWriter, WritesFloatsAsTheirBits) {
  ByteWriter out;

  out.f32(1.0F);
  out.f64(-2.0);

  EXPECT_EQ(out.view(), "\0\0\x80\x3f\0\0\0\0\0\0\0\xc0"sv);
}

TEST(ByteWriter, WritesSevenBitsOfAVarintPerByte) {
  ByteWriter out;

  out.varint(0);
  out.varint(127);
  out.varint(128);
  out.varint(300);
  out.varint(kLargest);

  EXPECT_EQ(out.view(), "\0\x7f\x80\x01\xac\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv);
}

TEST(ByteWriter, WritesSmallSignedNumbersShort) {
  ByteWriter out;

  out.zigzag(0);
  out.zigzag(-1);
  out.zigzag(1);
  out.zigzag(-64);
  out.zigzag(64);

  EXPECT_EQ(out.view(), "\x00\x01\x02\x7f\x80\x01"sv);
}

TEST(ByteWriter, WritesSizedTextWithItsLength) {
  ByteWriter out;

  out.sized("ab");
  out.sized("");
  out.raw("c");

  EXPECT_EQ(out.view(),
            "\x02"
            "ab\0c"sv);
}

TEST(ByteWriter, IsEmptyAfterItsBytesWereTaken) {
  ByteWriter out;
  out.raw("abc");

  EXPECT_EQ(out.take(), "abc");

  EXPECT_TRUE(out.empty());
  out.raw("d");
  EXPECT_EQ(out.take(), "d");
}

TEST(ByteWriter, DropsTheContentOfTheBufferThatItReuses) {
  ByteWriter out{std::string(1'000, 'x')};

  out.raw("abc");

  EXPECT_EQ(out.view(), "abc");
}

TEST(ByteWriter, ForgetsWhatIsCutOff) {
  ByteWriter out;
  out.raw("abcdef");

  out.truncate(2);
  out.raw("X");

  EXPECT_EQ(out.view(), "abX");
}

TEST(ByteWriter, KeepsEveryByteWhileItGrows) {
  ByteWriter out;
  std::string expected;
  for (int i = 0; i < 1'000; ++i) {
    out.raw(std::to_string(i));
    expected += std::to_string(i);
  }
  EXPECT_EQ(out.view(), expected);
}

TEST(ByteReader, ReadsBackWhatWasWritten) {
  ByteWriter out;
  out.u8(200);
  out.u16(60'000);
  out.u32(4'000'000'000);
  out.u64(kLargest);
  out.big_u16(1);
  out.big_u32(2);
  out.big_u64(3);
  out.f32(0.5F);
  out.f64(0.25);
  out.varint(1'000'000);
  out.zigzag(-1'000'000);
  out.sized("text");
  out.raw("raw");
  out.raw("rest");

  ByteReader in{out.view()};

  EXPECT_EQ(in.u8(), 200);
  EXPECT_EQ(in.u16(), 60'000);
  EXPECT_EQ(in.u32(), 4'000'000'000);
  EXPECT_EQ(in.u64(), kLargest);
  EXPECT_EQ(in.big_u16(), 1);
  EXPECT_EQ(in.big_u32(), 2U);
  EXPECT_EQ(in.big_u64(), 3U);
  EXPECT_EQ(in.f32(), 0.5F);
  EXPECT_EQ(in.f64(), 0.25);
  EXPECT_EQ(in.varint(), 1'000'000U);
  EXPECT_EQ(in.zigzag(), -1'000'000);
  EXPECT_EQ(in.sized(), "text");
  EXPECT_EQ(in.raw(3), "raw");
  EXPECT_EQ(in.remaining(), 4U);
  EXPECT_EQ(in.rest(), "rest");
  EXPECT_TRUE(in.empty());
}

TEST(ByteReader, ReadsBackVarintsOfEverySize) {
  Random random{1};
  for (int bits = 0; bits <= 64; ++bits) {
    const std::uint64_t value = bits == 0 ? 0 : random.next() >> (64 - bits);
    ByteWriter out;
    out.varint(value);
    out.zigzag(static_cast<std::int64_t>(value));

    ByteReader in{out.view()};

    EXPECT_EQ(in.varint(), value);
    EXPECT_EQ(in.zigzag(), static_cast<std::int64_t>(value));
    EXPECT_TRUE(in.empty());
  }
}

TEST(ByteReader, ThrowsWhereTooFewBytesAreLeft) {
  EXPECT_THROW(ByteReader{""}.u8(), CorruptState);
  EXPECT_THROW(ByteReader{"1"}.u16(), CorruptState);
  EXPECT_THROW(ByteReader{"123"}.u32(), CorruptState);
  EXPECT_THROW(ByteReader{"1234567"}.u64(), CorruptState);
  EXPECT_THROW(ByteReader{"123"}.f32(), CorruptState);
  EXPECT_THROW(ByteReader{"1234567"}.f64(), CorruptState);
  EXPECT_THROW(ByteReader{"1"}.big_u16(), CorruptState);
  EXPECT_THROW(ByteReader{"123"}.big_u32(), CorruptState);
  EXPECT_THROW(ByteReader{"1234567"}.big_u64(), CorruptState);
  EXPECT_THROW(ByteReader{""}.varint(), CorruptState);
  EXPECT_THROW(ByteReader{"\x80\x80"}.varint(), CorruptState);
  EXPECT_THROW(ByteReader{"12"}.raw(3), CorruptState);
  EXPECT_THROW(ByteReader{"\x03"
                          "ab"}
                   .sized(),
               CorruptState);
}

TEST(ByteReader, ThrowsOnALengthNearTheEndOfTheRange) {
  ByteWriter out;
  out.varint(kLargest);

  ByteReader in{out.view()};

  EXPECT_THROW(in.sized(), CorruptState);
}

TEST(ByteReader, ThrowsOnAVarintOfMoreThan64Bits) {
  EXPECT_THROW(ByteReader{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"}.varint(), CorruptState);
  EXPECT_THROW(ByteReader{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}.varint(), CorruptState);
}

TEST(ByteReader, SaysWhereBytesAreMissing) {
  ByteReader in{"abc"};
  in.u8();
  EXPECT_THAT(
      [&in] { in.u32(); },
      ThrowsMessage<CorruptState>(HasSubstr("at byte 1: 4 bytes are expected and 2 are there")));
}

}  // namespace
}  // namespace weir
