import type { MemoryProblem } from './problem.js';

/**
 * Orders in which to place the buffers, each good at another kind of problem: large ones first, long ones first, those
 * that live where memory is scarcest first (as TensorFlow Lite's planner by breadth), or simply as they come.
 */
export function startingOrders(problem: MemoryProblem): Int32Array[] {
  const { size, first, last, contention } = problem;
  const duration = (buffer: number) => last[buffer]! - first[buffer]! + 1;
  const keys: ((buffer: number) => readonly number[])[] = [
    (buffer) => [-size[buffer]!, -duration(buffer)],
    (buffer) => [-size[buffer]! * duration(buffer), -size[buffer]!],
    (buffer) => [-contention[buffer]!, -size[buffer]!, -duration(buffer)],
    (buffer) => [-duration(buffer), -size[buffer]!],
    (buffer) => [-size[buffer]! * Math.sqrt(duration(buffer)), -size[buffer]!],
    (buffer) => [-contention[buffer]!, -duration(buffer), -size[buffer]!],
    (buffer) => [first[buffer]!, -duration(buffer), -size[buffer]!],
    (buffer) => [-last[buffer]!, -duration(buffer), -size[buffer]!],
  ];
  return keys.map((key) => orderBy(problem.count, key));
}

function orderBy(count: number, key: (buffer: number) => readonly number[]): Int32Array {
  const keys = Array.from({ length: count }, (_, buffer) => key(buffer));
  const order = Array.from({ length: count }, (_, buffer) => buffer);
  order.sort((a, b) => {
    for (let level = 0; level < keys[a]!.length; level++) {
      const difference = keys[a]![level]! - keys[b]![level]!;
      if (difference !== 0) return difference;
    }
    return a - b;
  });
  return Int32Array.from(order);
}
