import { HalyardError } from '../contract/index.js';

export function unsupportedType(type: string): HalyardError {
  return new HalyardError('unsupported', {
    found: `elements of type ${type} where the reference interpreter cannot compute with them`,
    expected: 'float32, float16, bfloat16 or an integer type of 8 to 64 bits; other types only where they are read',
    remedy: 'Cast to float32 first.',
  });
}

export function badProgram(found: string, expected: string): HalyardError {
  return new HalyardError('bad-program', {
    found,
    expected,
    remedy: 'Fix what made the program; packages/core/src/contract/step.ts states the rules.',
  });
}
