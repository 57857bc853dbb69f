// SPDX-License-Identifier: Apache-2.0
#include "weir/key.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/error.hpp"
#include "weir/random.hpp"
#include "weir/record.hpp"

namespace weir {
namespace {

using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace): "a\0b"sv

enum class Colour : std::int16_t { red = -2, blue = 3 };

struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
struct Padded {
  std::int64_t x = 0;
  std::int32_t y = 0;
  friend bool operator==(const Padded&, const Padded&) = default;
};
struct Pointer {
  const char* text = nullptr;
  auto operator<=>(const Pointer&) const = default;
};

template <StreamKey K>
std::string bytes_of(const K& key) {
  std::string scratch;
  return std::string{KeyCodec<K>::bytes(key, scratch)};
}

template <StreamKey K>
void expect_round_trip(const K& key) {
  EXPECT_EQ(KeyCodec<K>::decode(bytes_of(key)), key);
}

// These bytes and hashes decide which shard a key belongs to and lie in state: they never change.

TEST(KeyCodec, WritesNumbersInTheOrderTheySort) {
  EXPECT_EQ(bytes_of(std::uint8_t{200}), "\xc8");
  EXPECT_EQ(bytes_of(std::uint16_t{1}), "\0\x01"sv);
  EXPECT_EQ(bytes_of(std::uint32_t{1}), "\0\0\0\x01"sv);
  EXPECT_EQ(bytes_of(std::uint64_t{1}), "\0\0\0\0\0\0\0\x01"sv);
  EXPECT_EQ(bytes_of(std::int32_t{-1}), "\x7f\xff\xff\xff");
  EXPECT_EQ(bytes_of(std::int64_t{1}), "\x80\0\0\0\0\0\0\x01"sv);
  EXPECT_EQ(bytes_of(EventTime{0}), "\x80\0\0\0\0\0\0\0"sv);
  EXPECT_EQ(bytes_of(Colour::red), "\x7f\xfe");
  EXPECT_EQ(bytes_of(true), "\x01");
  EXPECT_EQ(bytes_of(1.0), "\xbf\xf0\0\0\0\0\0\0"sv);
  EXPECT_EQ(bytes_of(-1.0F), "\x40\x7f\xff\xff");
}

TEST(KeyCodec, WritesTextAndRawKeysAsTheyAreInMemory) {
  EXPECT_EQ(bytes_of(std::string{"a\0b"sv}), "a\0b"sv);
  EXPECT_EQ(bytes_of(std::array<char, 3>{'x', 'y', 'z'}), "xyz");
  EXPECT_EQ(bytes_of(Point{1, 2}), "\x01\0\0\0\x02\0\0\0"sv);
}

TEST(KeyCodec, WritesOtherKeysAsTheirCodecDoes) {
  EXPECT_EQ(bytes_of(Padded{1, 2}), "\x02\x04");
  EXPECT_EQ(bytes_of(std::pair{std::string{"a"}, 1}),
            "\x01"
            "a\x02");
}

TEST(HashKey, IsTheSameForEver) {
  std::string scratch;
  EXPECT_EQ(hash_key(std::int64_t{42}, scratch), stable_hash("\x80\0\0\0\0\0\0\x2a"sv));
  EXPECT_EQ(hash_key(std::string{"weir"}, scratch), 0x09831dc741817118U);
  EXPECT_EQ(hash_key(std::array<char, 4>{'w', 'e', 'i', 'r'}, scratch), 0x09831dc741817118U);
  EXPECT_EQ(hash_key(Padded{1, 2}, scratch), stable_hash("\x02\x04"));
}

template <StreamKey K>
void expect_ascending(const std::vector<K>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    expect_round_trip(keys[i]);
    const std::string before = i == 0 ? "" : bytes_of(keys[i - 1]);
    EXPECT_LT(before, bytes_of(keys[i])) << "key " << i;
  }
}

TEST(KeyCodec, KeepsTheOrderOfNumbers) {
  using Limits = std::numeric_limits<std::int64_t>;
  expect_ascending<std::int64_t>({Limits::min(), -256, -255, -1, 0, 1, 255, 256, Limits::max()});
  expect_ascending<std::int8_t>({-128, -1, 0, 127});
  expect_ascending<std::uint32_t>({0, 255, 256, 65'536, 0xffffffff});
  expect_ascending<EventTime>({EventTime::min(), EventTime{-1}, EventTime{0}, EventTime::max()});
  expect_ascending<double>({-std::numeric_limits<double>::infinity(), -1e300, -1.5, -1e-300, 0.0,
                            1e-300, 1.5, 1e300, std::numeric_limits<double>::infinity()});
  expect_ascending<float>({-1.5F, 0.0F, 1.5F});
  expect_ascending<Colour>({Colour::red, Colour::blue});
  expect_ascending<bool>({false, true});
}

TEST(KeyCodec, GivesEqualKeysEqualBytes) {
  EXPECT_EQ(bytes_of(-0.0), bytes_of(0.0));
  EXPECT_EQ(bytes_of(-0.0F), bytes_of(0.0F));
}

TEST(KeyCodec, CopiesNeitherTextNorRawKeys) {
  std::string scratch;
  const std::string text(100, 'x');
  const std::array<char, 16> id{};
  EXPECT_EQ(KeyCodec<std::string>::bytes(text, scratch).data(), text.data());
  EXPECT_EQ((KeyCodec<std::array<char, 16>>::bytes(id, scratch).data()), id.data());
  EXPECT_TRUE(scratch.empty());
}

TEST(KeyCodec, ReadsBackKeysOfEveryKind) {
  Random random{1};
  for (int i = 0; i < 1'000; ++i) {
    const auto number = static_cast<std::int32_t>(random.next());
    expect_round_trip(number);
    expect_round_trip(random.next());
    expect_round_trip(random.real());
    expect_round_trip(std::to_string(number));
    expect_round_trip(Point{number, -number});
    expect_round_trip(Padded{number, -number});
    expect_round_trip(std::array<std::int32_t, 2>{number, 1});
    expect_round_trip(std::pair{std::to_string(number), number});
    expect_round_trip(WindowKey<std::string>{"k", EventTime{number}, EventTime::max()});
  }
}

TEST(KeyCodec, RefusesBytesOfAnotherSize) {
  EXPECT_THROW(KeyCodec<std::int64_t>::decode("1234567"), CorruptState);
  EXPECT_THROW(KeyCodec<std::int64_t>::decode("123456789"), CorruptState);
  EXPECT_THROW((KeyCodec<std::array<char, 16>>::decode("short")), CorruptState);
  EXPECT_THROW(KeyCodec<Padded>::decode("\x02\x04\x06"), CorruptState);
}

TEST(HashKey, IsTheStableHashOfTheKeysBytes) {
  std::string scratch;
  Random random{2};
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t number = random.next();
    EXPECT_EQ(hash_key(number, scratch), stable_hash(bytes_of(number)));
    EXPECT_EQ(hash_key(std::to_string(number), scratch), stable_hash(std::to_string(number)));
    const Padded padded{static_cast<std::int64_t>(number), 1};
    EXPECT_EQ(hash_key(padded, scratch), stable_hash(bytes_of(padded)));
  }
}

TEST(StreamKey, IsWhatCanBeComparedAndStored) {
  EXPECT_TRUE(StreamKey<std::string>);
  EXPECT_TRUE((StreamKey<std::pair<std::string, int>>));
  EXPECT_FALSE(StreamKey<const char*>);
  EXPECT_FALSE(StreamKey<std::string_view>);
  EXPECT_FALSE(StreamKey<Pointer>);
}

}  // namespace
}  // namespace weir
