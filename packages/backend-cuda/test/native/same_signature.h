#pragma once

#include <type_traits>

/// For checks against a vendor's headers: whether our declaration of a function is what theirs is.
namespace halyard::cuda {

/// What the vendor calls a type of ours.
template <typename Ours>
struct Vendor {
  using type = Ours;
};
#define SAME(ours, theirs)  \
  template <>               \
  struct Vendor<ours> {     \
    using type = theirs;    \
  };
/// Whether two parameter types are passed alike: numbers and enumerations of one size, pointers to what is alike.
template <typename Ours, typename Theirs>
constexpr bool alike() {
  if constexpr (std::is_pointer_v<Ours> && std::is_pointer_v<Theirs>) {
    using A = std::remove_pointer_t<Ours>;
    using B = std::remove_pointer_t<Theirs>;
    return std::is_const_v<A> == std::is_const_v<B> && alike<std::remove_const_t<A>, std::remove_const_t<B>>();
  } else if constexpr ((std::is_integral_v<Ours> || std::is_enum_v<Ours>) &&
                       (std::is_integral_v<Theirs> || std::is_enum_v<Theirs>)) {
    return sizeof(Ours) == sizeof(Theirs);
  } else {
    return std::is_same_v<typename Vendor<Ours>::type, Theirs>;
  }
}

template <typename Ours, typename Theirs>
struct Signature : std::false_type {};
template <typename Result, typename... Ours, typename Vendors, typename... Theirs>
struct Signature<Result (*)(Ours...), Vendors (*)(Theirs...)> {
  static constexpr bool value = [] {
    if constexpr (sizeof...(Ours) == sizeof...(Theirs))
      return alike<Result, Vendors>() && (alike<Ours, Theirs>() && ...);
    else
      return false;
  }();
};

#define CHECK_SIZE(ours, theirs) static_assert(sizeof(ours) == sizeof(theirs) && alignof(ours) == alignof(theirs));
#define CHECK_FIELD(ours, field, theirs, their_field) \
  static_assert(offsetof(ours, field) == offsetof(theirs, their_field), #their_field);
#define CHECK_VALUE(ours, theirs) static_assert(static_cast<long>(ours) == static_cast<long>(theirs), #theirs);

}  // namespace halyard::cuda
