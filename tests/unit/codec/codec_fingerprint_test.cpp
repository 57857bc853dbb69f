// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "weir/codec.hpp"
#include "weir/record.hpp"
#include "weir/stable_hash.hpp"

namespace weir_fingerprint_test {

enum class Colour : std::uint8_t { red };
struct Empty {};
struct Point {
  int x;
  int y;
};
struct Named {
  int x;
  int y;
};
struct Swapped {
  int y;
  int x;
};
struct Versioned {
  int x;
  int y;
};

}  // namespace weir_fingerprint_test

WEIR_FIELDS(weir_fingerprint_test::Named, x, y);
WEIR_FIELDS(weir_fingerprint_test::Swapped, y, x);

template <>
inline constexpr std::uint32_t weir::codec_version<weir_fingerprint_test::Versioned> = 2;

namespace weir {
namespace {

using weir_fingerprint_test::Colour;
using weir_fingerprint_test::Empty;
using weir_fingerprint_test::Named;
using weir_fingerprint_test::Point;
using weir_fingerprint_test::Swapped;
using weir_fingerprint_test::Versioned;

TEST(CodecFingerprint, NamesEveryBuiltInTypeInOneWayForEver) {
  EXPECT_EQ(codec_description<bool>(), "bool");
  EXPECT_EQ(codec_description<char>(), "char");
  EXPECT_EQ(codec_description<signed char>(), "i8");
  EXPECT_EQ(codec_description<unsigned short>(), "u16");
  EXPECT_EQ(codec_description<int>(), "i32");
  EXPECT_EQ(codec_description<unsigned long>(), "u64");
  EXPECT_EQ(codec_description<unsigned long long>(), "u64");
  EXPECT_EQ(codec_description<float>(), "f32");
  EXPECT_EQ(codec_description<double>(), "f64");
  EXPECT_EQ(codec_description<Colour>(), "enum u8");
  EXPECT_EQ(codec_description<std::string>(), "string");
  EXPECT_EQ(codec_description<EventTime>(), "time");
  EXPECT_EQ(codec_description<Duration>(), "duration 1/1000 i64");
  EXPECT_EQ(codec_description<std::chrono::sys_seconds>(), "since 1970 duration 1/1 i64");
  EXPECT_EQ(codec_description<std::vector<int>>(), "list<i32>");
  EXPECT_EQ((codec_description<std::array<char, 16>>()), "array<16 char>");
  EXPECT_EQ(codec_description<std::set<int>>(), "set<i32>");
  EXPECT_EQ(codec_description<std::unordered_set<int>>(), "set<i32>");
  EXPECT_EQ((codec_description<std::map<int, bool>>()), "map<i32,bool>");
  EXPECT_EQ((codec_description<std::unordered_map<int, bool>>()), "map<i32,bool>");
  EXPECT_EQ(codec_description<std::optional<int>>(), "optional<i32>");
  EXPECT_EQ((codec_description<std::variant<std::monostate, int>>()), "variant<{},i32>");
  EXPECT_EQ((codec_description<std::pair<int, bool>>()), "pair<i32,bool>");
  EXPECT_EQ((codec_description<std::tuple<int, bool, char>>()), "tuple<i32,bool,char>");
  EXPECT_EQ(codec_description<std::tuple<>>(), "tuple<>");
  EXPECT_EQ(codec_description<Empty>(), "{}");
  EXPECT_EQ(codec_description<Point>(), "{i32,i32}");
}

TEST(CodecFingerprint, NamesTheValuesOfStreams) {
  EXPECT_EQ(codec_description<Window>(), "{time,time|start,end}");
  EXPECT_EQ(codec_description<Record<int>>(), "{i32,time|value,time}");
  EXPECT_EQ((codec_description<Keyed<int, Point>>()), "{i32,{i32,i32}|key,value}");
  EXPECT_EQ((codec_description<Change<int, bool>>()),
            "{i32,optional<bool>,optional<bool>|key,old,now}");
  EXPECT_EQ((codec_description<Windowed<int, bool>>()),
            "{i32,bool,time,time,{enum u8,u32|timing,index}|key,value,start,end,pane}");
}

TEST(CodecFingerprint, TellsDescribedFieldsApartByName) {
  EXPECT_EQ(codec_description<Named>(), "{i32,i32|x,y}");
  EXPECT_NE(codec_fingerprint<Named>(), codec_fingerprint<Swapped>());
  EXPECT_NE(codec_fingerprint<Named>(), codec_fingerprint<Point>());
}

TEST(CodecFingerprint, ChangesWithTheVersionThatTheUserGives) {
  EXPECT_EQ(codec_description<Versioned>(), "{v2:i32,i32}");
  EXPECT_NE(codec_fingerprint<Versioned>(), codec_fingerprint<Point>());
}

TEST(CodecFingerprint, IsTheStableHashOfTheDescription) {
  EXPECT_EQ(codec_fingerprint<Point>(), stable_hash("{i32,i32}"));
}

}  // namespace
}  // namespace weir
