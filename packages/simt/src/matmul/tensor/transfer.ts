import { groupElements } from '../block-quantized.js';
import { formatBytes, type TensorFormat } from './format.js';
import { chunkAddress, chunksPerRow, tileRows } from './shared-tile.js';
import type { OperandPlan } from './sources.js';

/** Code that brings one operand's tiles into shared memory. */
export interface Transfer {
  /** In front of the loop over k, where `first_step` is known. */
  readonly begin: string;
  /** At the start of a step: issues copies to `stage`, or loads into registers; for one step after another. */
  readonly fetch: string;
  /** At its end: from registers to `stage`. */
  readonly put: string;
}

interface Geometry {
  readonly threads: number;
  readonly depth: number;
  /** Extent of k. */
  readonly k: number;
  readonly stageBytes: number;
  readonly format: TensorFormat;
  /** Where steps take turns with registers: how many sets there are, and C++ of the one at hand. */
  readonly turns?: { readonly count: number; readonly at: string };
}

/** A declaration's and a use's index of the set of registers, for {@link Geometry.turns}. */
const setsOf = ({ turns }: Geometry): { readonly declared: string; readonly used: string } =>
  turns ? { declared: `[${turns.count}]`, used: `[${turns.at}]` } : { declared: '', used: '' };

export function printTransfer(plan: OperandPlan, geometry: Geometry): Transfer {
  const elements = printElements(plan, geometry);
  if (!plan.scales || plan.role !== 'a') return elements;
  const scales = activationScales(plan, geometry);
  return {
    begin: elements.begin + scales.begin,
    fetch: elements.fetch + scales.fetch,
    put: elements.put + scales.put,
  };
}

function printElements(plan: OperandPlan, geometry: Geometry): Transfer {
  switch (plan.source) {
    case 'asynchronous':
    case 'raw':
      return wholeChunks(plan, geometry);
    case 'group':
      return groups(plan, geometry);
    case 'lanes':
      return lanes(plan, geometry);
  }
}

interface Places {
  readonly passes: number;
  /** Runs only where the pass has work for the thread. */
  readonly guard: string;
  /** C++ of row and chunk, of thread and pass. */
  readonly row: string;
  readonly chunk: string;
  readonly rowsPerPass: number;
}

function placesOf({ tile, rowsFirst }: OperandPlan, threads: number): Places {
  const perRow = chunksPerRow(tile);
  const rows = tileRows(tile);
  const passes = Math.ceil((rows * perRow) / threads);
  const guard = rows * perRow < threads ? `if (thread < ${rows * perRow}) ` : '';
  if (rowsFirst) {
    const index = `(thread + pass * ${threads})`;
    return { passes, guard, row: `(${index} % ${rows})`, chunk: `(${index} / ${rows})`, rowsPerPass: 0 };
  }
  const rowsPerPass = threads / perRow;
  if (tile.padding > 0 && perRow === 4) {
    // Eight neighbours take eight rows, which padding keeps in different banks; a warp still reads whole sectors.
    const row = `(thread / 32 * 8 + (thread & 7) + pass * ${rowsPerPass})`;
    return { passes, guard, row, chunk: '((thread >> 3) & 3)', rowsPerPass };
  }
  return {
    passes,
    guard,
    row: `(thread / ${perRow} + pass * ${rowsPerPass})`,
    chunk: `(thread % ${perRow})`,
    rowsPerPass,
  };
}

const stagePlace = (plan: OperandPlan, { stageBytes }: Geometry, places: Places): string =>
  `stage * ${stageBytes} + ${plan.offset} + ${chunkAddress(plan.tile, places.row, places.chunk)}`;

/** C++ of the place in the operand: m or n, and k from the step's first on. */
function coordinates(plan: OperandPlan, { format }: Geometry, places: Places): { outer: string; depth: string } {
  const elements = 16 / formatBytes[format];
  const first = `first_${plan.role === 'a' ? 'row' : 'column'}`;
  return plan.tile.layout === 'depth'
    ? { outer: `(${first} + ${places.row})`, depth: `(${places.chunk} * ${elements})` }
    : { outer: `(${first} + ${places.chunk} * ${elements})`, depth: places.row };
}

/** The pointer of each thread moves on by one step at a time; where its passes lie are constants. */
function wholeChunks(plan: OperandPlan, geometry: Geometry): Transfer {
  const { name, described, extent, tile, source } = plan;
  const { depth, k, threads, format } = geometry;
  const { strides, shape } = described.operand;
  const rank = shape.length;
  const [depthStride, outerStride] =
    plan.role === 'a' ? [strides[rank - 1]!, strides[rank - 2]!] : [strides[rank - 2]!, strides[rank - 1]!];
  const bytes = formatBytes[format];
  const places = placesOf(plan, threads);
  const sets = setsOf(geometry);
  const place = coordinates(plan, geometry, places);
  const passStride = places.rowsPerPass * (tile.layout === 'depth' ? outerStride : depthStride) * bytes;
  const at = (text: string) => text.replaceAll('pass', '0');
  const checks = [
    ...(extent % tile.extent === 0 ? [] : [`${place.outer} < ${extent}`]),
    ...(k % depth === 0 ? [] : [`${place.depth} + next_step * ${depth} < ${k}`]),
  ];
  const isInside = checks.length > 0 ? checks.join(' && ') : 'true';
  const from = `from_${name} + pass * ${passStride}`;
  return {
    begin: `
      const char* from_${name} = reinterpret_cast<const char*>(base_${name}(batch)) +
        (static_cast<long long>${at(place.outer)} * ${outerStride} + (${at(place.depth)} + static_cast<long long>(first_step) * ${depth}) * ${depthStride}) * ${bytes};
      ${source === 'raw' ? `uint4 raw_${name}${sets.declared}[${places.passes}];` : ''}`,
    fetch: `
#pragma unroll
      for (int pass = 0; pass < ${places.passes}; ++pass) {
        const bool is_inside = ${isInside};
        ${places.guard}${
          source === 'raw'
            ? `raw_${name}${sets.used}[pass] = is_inside ? *reinterpret_cast<const uint4*>(${from}) : make_uint4(0u, 0u, 0u, 0u);`
            : `copy_16(shared_base + ${stagePlace(plan, geometry, places)}, ${from}, is_inside);`
        }
      }
      from_${name} += ${depth * depthStride * bytes};`,
    put:
      source === 'raw'
        ? `
#pragma unroll
      for (int pass = 0; pass < ${places.passes}; ++pass)
        ${places.guard}*reinterpret_cast<uint4*>(shared + ${stagePlace(plan, geometry, places)}) = raw_${name}${sets.used}[pass];`
        : '',
  };
}

/** What lies outside is packed as zeros by `pack_NAME` itself. */
function lanes(plan: OperandPlan, geometry: Geometry): Transfer {
  const { name } = plan;
  const { depth, threads } = geometry;
  const places = placesOf(plan, threads);
  const { declared, used } = setsOf(geometry);
  const place = coordinates(plan, geometry, places);
  return {
    begin: `
      unsigned packed_${name}${declared}[${places.passes}][4];`,
    fetch: `
#pragma unroll
      for (int pass = 0; pass < ${places.passes}; ++pass)
        ${places.guard}pack_${name}(batch, ${place.outer}, ${place.depth} + next_step * ${depth}, packed_${name}${used}[pass]);`,
    put: `
#pragma unroll
      for (int pass = 0; pass < ${places.passes}; ++pass)
        ${places.guard}*reinterpret_cast<uint4*>(shared + ${stagePlace(plan, geometry, places)}) =
          make_uint4(packed_${name}${used}[pass][0], packed_${name}${used}[pass][1], packed_${name}${used}[pass][2], packed_${name}${used}[pass][3]);`,
  };
}

function groups(plan: OperandPlan, geometry: Geometry): Transfer {
  const { name, tile, extent } = plan;
  const { depth, k, threads } = geometry;
  const perRow = depth / groupElements;
  const { declared, used } = setsOf(geometry);
  const total = tile.extent * perRow;
  const passes = Math.ceil(total / threads);
  const guard = total < threads ? `if (thread < ${total}) ` : '';
  const index = `(thread + pass * ${threads})`;
  const row = `(${index} / ${perRow})`;
  const group = `(${index} % ${perRow})`;
  const column = `first_column + ${row}`;
  const checks = [
    ...(extent % tile.extent === 0 ? [] : [`${column} < ${extent}`]),
    ...(k % depth === 0 ? [] : [`next_step * ${perRow} + ${group} < ${k / groupElements}`]),
  ];
  return {
    begin: `
      Group groups_${name}${declared}[${passes}];`,
    fetch: `
#pragma unroll
      for (int pass = 0; pass < ${passes}; ++pass) {
        const bool is_inside = ${checks.length > 0 ? checks.join(' && ') : 'true'};
        ${guard}if (is_inside) load_group_${name}(batch, next_step * ${perRow} + ${group}, ${column}, groups_${name}${used}[pass]);
        else groups_${name}${used}[pass] = Group{};
      }`,
    put: `
#pragma unroll
      for (int pass = 0; pass < ${passes}; ++pass)
        ${guard}{${geometry.format === 'int8' ? putQuants(plan, geometry, `groups_${name}${used}[pass]`, row, group) : putElements(plan, geometry, `groups_${name}${used}[pass]`, row, group)}
        }`,
  };
}

/** Dequantizes. */
const putElements = (
  { tile, offset }: OperandPlan,
  { format, stageBytes }: Geometry,
  from: string,
  row: string,
  group: string,
): string => `
#pragma unroll
          for (int chunk = 0; chunk < 4; ++chunk) {
            unsigned words[4];
#pragma unroll
            for (int i = 0; i < 4; ++i)
              words[i] = pack_${format}(group_element(${from}, chunk * 8 + 2 * i), group_element(${from}, chunk * 8 + 2 * i + 1));
            *reinterpret_cast<uint4*>(shared + stage * ${stageBytes} + ${offset} + ${chunkAddress(tile, row, `${group} * 4 + chunk`)}) =
              make_uint4(words[0], words[1], words[2], words[3]);
          }`;

/** Quants as they are, and beside them their scale. */
function putQuants(
  { tile, offset, scales }: OperandPlan,
  { stageBytes }: Geometry,
  from: string,
  row: string,
  group: string,
): string {
  const { offset: at, stride, hasOffsets } = scales!;
  const groups = tile.depth / groupElements;
  return `
#pragma unroll
          for (int chunk = 0; chunk < 2; ++chunk)
            *reinterpret_cast<uint4*>(shared + stage * ${stageBytes} + ${offset} + ${chunkAddress(tile, row, `${group} * 2 + chunk`)}) =
              make_uint4(${from}.quants[4 * chunk], ${from}.quants[4 * chunk + 1], ${from}.quants[4 * chunk + 2], ${from}.quants[4 * chunk + 3]);
          float* to = reinterpret_cast<float*>(shared + stage * ${stageBytes} + ${at}) + ${group} * ${stride} + ${row};
          to[0] = ${from}.scale[0];
          ${hasOffsets ? `to[${groups * stride}] = ${from}.offset;` : ''}`;
}

/** Scales (and sums) of a's groups, which lie by groups in global memory: neighbouring threads take neighbouring rows. */
function activationScales(
  { tile, extent, scales }: OperandPlan,
  { threads, depth, k, stageBytes }: Geometry,
): Transfer {
  const { offset, stride, hasOffsets } = scales!;
  const groups = depth / groupElements;
  const total = tile.extent * groups;
  const passes = Math.ceil(total / threads);
  const guard = total < threads ? `if (thread < ${total}) ` : '';
  const index = `(thread + pass * ${threads})`;
  const [row, group] = [`(${index} % ${tile.extent})`, `(${index} / ${tile.extent})`];
  const names = hasOffsets ? ['scales', 'totals'] : ['scales'];
  return {
    begin: names.map((name) => `\n      float own_${name}[${passes}];`).join(''),
    fetch: `
#pragma unroll
      for (int pass = 0; pass < ${passes}; ++pass) {
        const int group = next_step * ${groups} + ${group};
        const bool is_inside = first_row + ${row} < ${extent} && group < ${k / groupElements};
        ${names.map((name) => `${guard}own_${name}[pass] = is_inside ? ${name}_of(batch, group)[first_row + ${row}] : 0.0f;`).join('\n        ')}
      }`,
    put: `
#pragma unroll
      for (int pass = 0; pass < ${passes}; ++pass) {
        float* to = reinterpret_cast<float*>(shared + stage * ${stageBytes} + ${offset}) + ${group} * ${stride} + ${row};
        ${names.map((name, i) => `${guard}to[${i * groups * stride}] = own_${name}[pass];`).join('\n        ')}
      }`,
  };
}
