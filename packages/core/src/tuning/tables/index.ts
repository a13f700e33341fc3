import type { TuningTable } from '../table.js';
import { armNeon } from './arm-neon.js';
import { cudaTables } from './cuda.js';
import { x86Amx } from './x86-amx.js';
import { x86Avx2 } from './x86-avx2.js';
import { x86Avx512 } from './x86-avx512.js';
import { x86Avx512vnni } from './x86-avx512vnni.js';
import { x86Portable } from './x86-portable.js';

/** The tables of the house, by architecture. */
export const tuningTables: Readonly<Record<string, TuningTable>> = {
  'x86-portable': x86Portable,
  'x86-avx2': x86Avx2,
  'x86-avx512': x86Avx512,
  'x86-avx512vnni': x86Avx512vnni,
  'x86-amx': x86Amx,
  'arm-neon': armNeon,
  ...cudaTables,
};
