#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace halyard {

static_assert(std::endian::native == std::endian::little, "the binary program is little-endian");

/// Reads little-endian fields. After the first one that does not fit, everything reads as zero and `failed` stays true.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t position() const { return position_; }
  void fail() { failed_ = true; }

  template <typename T>
  T read() {
    T value{};
    if (failed_ || bytes_.size() - position_ < sizeof(T)) {
      failed_ = true;
      return value;
    }
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return value;
  }

  /// A number of things that take at least `least` bytes each: more than what is left cannot be true.
  std::uint32_t count(std::size_t least = 1) {
    auto value = read<std::uint32_t>();
    if (failed_ || value > (bytes_.size() - position_) / least) {
      failed_ = true;
      return 0;
    }
    return value;
  }

  std::string text() {
    std::uint32_t length = count();
    if (failed_) return {};
    std::string value(reinterpret_cast<const char*>(bytes_.data() + position_), length);
    position_ += length;
    return value;
  }

  /// An enumeration below `limit`.
  template <typename Enum>
  Enum enumeration(int limit) {
    auto value = read<std::uint8_t>();
    if (value >= limit) {
      failed_ = true;
      value = 0;
    }
    return static_cast<Enum>(value);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace halyard
