#include <doctest/doctest.h>

#include "halyard/region.h"

using halyard::Region;

TEST_CASE("poison covers what was poisoned less what was written since") {
  Region region(1000);
  CHECK_FALSE(region.is_poisoned(0, 1000));
  region.poison(100, 200);
  region.poison(150, 300);
  CHECK(region.is_poisoned(299, 300));
  CHECK_FALSE(region.is_poisoned(0, 100));
  CHECK_FALSE(region.is_poisoned(300, 1000));
  region.cleanse(120, 180);
  CHECK(region.is_poisoned(100, 120));
  CHECK_FALSE(region.is_poisoned(120, 180));
  CHECK(region.is_poisoned(180, 181));
  region.cleanse(0, 1000);
  CHECK_FALSE(region.is_poisoned(0, 1000));
}
