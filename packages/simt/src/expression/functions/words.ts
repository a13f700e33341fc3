import type { Helper } from '../../kernel/helper.js';

/** Several elements at once, in words of up to 128 bits that are aligned in memory. */
export const words: Helper = {
  name: 'words',
  text: `
template <class Word, class Element, int count>
__device__ __forceinline__ void load_words(Element (&to)[count], const Element* from) {
  constexpr int parts = (int)(sizeof(Element) * count / sizeof(Word));
  union { Word words[parts]; Element elements[count]; } held;
#pragma unroll
  for (int i = 0; i < parts; ++i) held.words[i] = reinterpret_cast<const Word*>(from)[i];
#pragma unroll
  for (int i = 0; i < count; ++i) to[i] = held.elements[i];
}
template <class Word, class Element, int count>
__device__ __forceinline__ void store_words(Element* to, const Element (&from)[count]) {
  constexpr int parts = (int)(sizeof(Element) * count / sizeof(Word));
  union { Word words[parts]; Element elements[count]; } held;
#pragma unroll
  for (int i = 0; i < count; ++i) held.elements[i] = from[i];
#pragma unroll
  for (int i = 0; i < parts; ++i) reinterpret_cast<Word*>(to)[i] = held.words[i];
}`,
};
