import { badFile, quote } from './bad-file.js';
import type { WeightTensor } from './weights.js';

/** @throws HalyardError `bad-file` if two tensors share bytes */
export function checkDisjoint(path: string, tensors: readonly WeightTensor[]): void {
  const ordered = tensors.filter(({ part }) => part.bytes > 0).sort((a, b) => a.part.offset - b.part.offset);
  for (let i = 1; i < ordered.length; i++) {
    const [before, after] = [ordered[i - 1]!, ordered[i]!];
    const end = before.part.offset + before.part.bytes;
    if (end > after.part.offset) {
      throw badFile({
        path,
        field: `${quote(after.name)}: offset`,
        found: `${after.part.offset}, inside of ${quote(before.name)}`,
        expected: `is at least ${end}`,
      });
    }
  }
}
