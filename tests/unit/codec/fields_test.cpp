// SPDX-License-Identifier: Apache-2.0
#include "weir/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir_fields_test {

struct Click {
  std::string user;
  int count = 7;
};
struct Single {
  int value;
};
struct Renamed {
  std::string user;
  int count = 7;
};
struct Of32 {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;
  int b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;
};

enum class Colour { red, green };
enum class Plain { one };

}  // namespace weir_fields_test

WEIR_ENUM(weir_fields_test::Colour, red, green);

WEIR_FIELDS(weir_fields_test::Click, user, count);
WEIR_FIELDS(weir_fields_test::Single, value);
WEIR_FIELDS(weir_fields_test::Of32, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14,
            a15, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15);

template <>
struct weir::Fields<weir_fields_test::Renamed> {
  using Self = weir_fields_test::Renamed;
  static constexpr auto all =
      std::tuple{field("userId", &Self::user), field_or_default("n", &Self::count)};
};

namespace weir {
namespace {

using testing::ElementsAre;

template <class T>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  for_each_field<T>([&names](const auto& each) {
    names.push_back(std::string{each.name} + (each.is_required ? "" : "?"));
  });
  return names;
}

TEST(Fields, OfTheMacroAreNamedAsInTheStruct) {
  EXPECT_THAT(names_of<weir_fields_test::Click>(), ElementsAre("user", "count"));
  EXPECT_THAT(names_of<weir_fields_test::Single>(), ElementsAre("value"));
}

TEST(Fields, OfTheMacroAreUpTo32) {
  EXPECT_EQ(field_count<weir_fields_test::Of32>, 32U);
  EXPECT_EQ(names_of<weir_fields_test::Of32>().back(), "b15");
}

TEST(Fields, OfASpecialisationHaveTheNamesItGives) {
  EXPECT_THAT(names_of<weir_fields_test::Renamed>(), ElementsAre("userId", "n?"));
}

TEST(Fields, ReachTheMembersOfAnObject) {
  weir_fields_test::Single single{1};
  for_each_field<weir_fields_test::Single>(
      [&single](const auto& each) { single.*each.member = 5; });
  EXPECT_EQ(single.value, 5);
}

TEST(Fields, AreKnownOnlyOfDescribedTypes) {
  EXPECT_TRUE(Described<weir_fields_test::Click>);
  EXPECT_FALSE(Described<int>);
  EXPECT_FALSE(Described<std::string>);
}

TEST(EnumNames, AreKnownOnlyOfEnumsThatHaveThem) {
  using weir_fields_test::Colour;
  EXPECT_TRUE(NamedEnum<Colour>);
  EXPECT_FALSE(NamedEnum<weir_fields_test::Plain>);
  EXPECT_EQ(EnumNames<Colour>::all[1].value, Colour::green);
  EXPECT_EQ(EnumNames<Colour>::all[1].name, "green");
}

}  // namespace
}  // namespace weir
