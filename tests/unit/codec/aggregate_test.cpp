// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/aggregate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace weir {
namespace {

using detail::Aggregate;
using detail::aggregate_size;
using detail::FieldTypes;
using detail::TypeList;

struct Empty {};
struct One {
  int a;
};
struct WithOptional {
  std::optional<std::string> a;
  std::optional<std::optional<int>> b;
  std::optional<One> c;
};
struct WithArrays {
  std::array<int, 3> a;
  std::array<std::string, 1> b;
  std::array<One, 2> c;
  int d;
};
struct WithOthers {
  std::vector<int> a;
  std::map<int, One> b;
  std::variant<std::monostate, int, std::string> c;
  std::pair<int, One> d;
  std::tuple<One> e;
  std::tuple<std::string, int> f;
  std::unique_ptr<int> g;
  std::function<void()> h;
};
struct Nested {
  WithArrays a;
  One b;
  Empty c;
};
struct NoDefault {
  explicit NoDefault(int x) : value{x} {}
  int value;
};
struct WithNoDefault {
  std::string a;
  NoDefault b;
  int c;
};
struct WithConst {
  const int a;
  std::string b;
};
template <class T>
struct Generic {
  T value;
  int count = 0;
};
struct Of32 {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;
  int b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;
};
struct Of33 {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;
  int b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16;
};

TEST(Aggregate, CountsItsFieldsAndNotTheirParts) {
  EXPECT_EQ(aggregate_size<Empty>, 0U);
  EXPECT_EQ(aggregate_size<One>, 1U);
  EXPECT_EQ(aggregate_size<WithOptional>, 3U);
  EXPECT_EQ(aggregate_size<WithArrays>, 4U);
  EXPECT_EQ(aggregate_size<WithOthers>, 8U);
  EXPECT_EQ(aggregate_size<Nested>, 3U);
  EXPECT_EQ(aggregate_size<WithNoDefault>, 3U);
  EXPECT_EQ(aggregate_size<WithConst>, 2U);
  EXPECT_EQ(aggregate_size<Generic<std::string>>, 2U);
  EXPECT_EQ(aggregate_size<Of32>, 32U);
}

struct Derived : One {
  int b;
};
struct DerivedFromEmpty : Empty {
  int a;
};
struct WithCArray {
  int a;
  int b[3];
};
struct WithConstructor {
  WithConstructor() {}
  int a = 0;
};
class WithPrivate {
 public:
  int a = 0;

 private:
  [[maybe_unused]] int b_ = 0;
};
struct WithVirtual {
  virtual ~WithVirtual() = default;
  int a = 0;
};
struct WithReference {
  int& a;
};
union Union {
  int a;
  float b;
};

TEST(Aggregate, IsNothingThatHidesAFieldOrHasABase) {
  EXPECT_FALSE(Aggregate<Derived>);
  EXPECT_FALSE(Aggregate<DerivedFromEmpty>);
  EXPECT_FALSE(Aggregate<WithCArray>);
  EXPECT_FALSE(Aggregate<WithConstructor>);
  EXPECT_FALSE(Aggregate<WithPrivate>);
  EXPECT_FALSE(Aggregate<WithVirtual>);
  EXPECT_FALSE(Aggregate<WithReference>);
  EXPECT_FALSE(Aggregate<Union>);
  EXPECT_FALSE(Aggregate<Of33>);
  EXPECT_FALSE(Aggregate<int>);
  EXPECT_FALSE(Aggregate<std::string>);
  EXPECT_FALSE(Aggregate<int[3]>);
  EXPECT_FALSE((Aggregate<std::array<int, 3>>));
  EXPECT_FALSE((Aggregate<std::array<int, 1>>));
  EXPECT_FALSE((Aggregate<std::array<int, 0>>));
  EXPECT_FALSE(Aggregate<One*>);
}

TEST(Aggregate, KnowsTheTypesOfItsFields) {
  EXPECT_TRUE((std::is_same_v<FieldTypes<Empty>, TypeList<>>));
  EXPECT_TRUE((std::is_same_v<
               FieldTypes<WithArrays>,
               TypeList<std::array<int, 3>, std::array<std::string, 1>, std::array<One, 2>, int>>));
  EXPECT_TRUE((std::is_same_v<FieldTypes<WithConst>, TypeList<int, std::string>>));
}

TEST(Aggregate, GivesItsFieldsToBeChanged) {
  Generic<std::string> value{"a", 1};
  detail::with_fields(value, [](std::string& text, int& count) {
    text = "b";
    count = 2;
  });
  EXPECT_EQ(value.value, "b");
  EXPECT_EQ(value.count, 2);
}

}  // namespace
}  // namespace weir
