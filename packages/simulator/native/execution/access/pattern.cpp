#include "pattern.h"

#include <algorithm>

namespace halyard::simulator {

void measure(const std::uint64_t* addresses, std::uint32_t mask, Deltas& deltas) {
  const std::uint64_t first = addresses[std::countr_zero(mask)];
  deltas.first = first;
  std::uint64_t far = 0;
  if (mask == all_lanes) {
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) deltas.values[l] = static_cast<std::int32_t>(addresses[l] - first);
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) far |= (addresses[l] - first + 0x80000000u) >> 32;
  } else {
    for (int l = 0; l < lanes; ++l) {
      const std::uint64_t delta = mask & (1u << l) ? addresses[l] - first : 0;
      deltas.values[l] = static_cast<std::int32_t>(delta);
      far |= (delta + 0x80000000u) >> 32;
    }
  }
  std::int32_t least = 0, most = 0;
  std::uint32_t bits = 0;
  for (int l = 0; l < lanes; ++l) least = std::min(least, deltas.values[l]);
  for (int l = 0; l < lanes; ++l) most = std::max(most, deltas.values[l]);
  for (int l = 0; l < lanes; ++l) bits |= static_cast<std::uint32_t>(deltas.values[l]);
  deltas.least = least;
  deltas.most = most;
  deltas.bits = bits;
  deltas.is_near = far == 0;
}

std::uint32_t count_sectors(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes) {
  std::int64_t sectors[lanes];
  std::uint32_t count = 0;
  const auto low = static_cast<std::int64_t>(deltas.first & 31);
  each_lane(mask, [&](int l) { sectors[count++] = (deltas.values[l] + low) >> 5; });
  std::sort(sectors, sectors + count);
  std::uint32_t distinct = 0;
  std::int64_t last = INT64_MIN;
  const std::int64_t span = (bytes + 31) / 32;  // an access of up to 32 bytes is aligned
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int64_t end = sectors[i] + span;
    distinct += static_cast<std::uint32_t>(std::max<std::int64_t>(0, end - std::max(sectors[i], last)));
    last = std::max(last, end);
  }
  return distinct;
}

void count_wavefronts(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes, Site& site) {
  const std::uint32_t words = std::max(1u, bytes / 4), turn = lanes / words;
  site.wavefronts = site.ideal = 0;
  for (std::uint32_t begin = 0; begin < lanes; begin += turn) {
    std::int64_t distinct[lanes * 4];
    std::uint32_t count = 0;
    for (std::uint32_t l = begin; l < begin + turn; ++l)
      if (mask & (1u << l))
        for (std::uint32_t w = 0; w < words; ++w)
          distinct[count++] = (static_cast<std::int64_t>(deltas.first) + deltas.values[l]) / 4 + w;
    if (count == 0) continue;
    std::sort(distinct, distinct + count);
    count = static_cast<std::uint32_t>(std::unique(distinct, distinct + count) - distinct);
    std::uint8_t banks[32] = {};
    std::uint32_t most = 0;
    for (std::uint32_t i = 0; i < count; ++i) most = std::max<std::uint32_t>(most, ++banks[distinct[i] & 31]);
    site.wavefronts += most;
    site.ideal += 1;
  }
}

bool same_pattern(const Site& site, const Deltas& deltas, std::uint32_t mask, std::uint32_t low) {
  return site.mask == mask && site.low == low && std::memcmp(site.deltas, deltas.values, sizeof(site.deltas)) == 0;
}

void remember(Site& site, const Deltas& deltas, std::uint32_t mask, std::uint32_t low) {
  site.mask = mask;
  site.low = low;
  std::memcpy(site.deltas, deltas.values, sizeof(site.deltas));
}

Access::Pattern pattern_of(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes) {
  if (deltas.bits == 0) return Access::Pattern::uniform;
  if (mask != all_lanes) return Access::Pattern::any;
  std::uint32_t different = 0;
  for (int l = 0; l < lanes; ++l)
    different |= static_cast<std::uint32_t>(deltas.values[l]) ^ (static_cast<std::uint32_t>(l) * bytes);
  return different == 0 ? Access::Pattern::contiguous : Access::Pattern::any;
}

}  // namespace halyard::simulator
