import type { ChosenDevice } from '../device.js';
import type { Series } from '../measure/leaks-process.js';
import { measureInProcess } from '../process/measure-in-process.js';
import { formatMegabytes, type Report } from '../table.js';

/**
 * A device that is closed has glibc give back what is free (`malloc_trim`), which leaves out the end of each thread's
 * own arena, up to 64 MB once a large block was freed anywhere: 15 MB that sway by 3 to 5. With the threshold that
 * glibc begins with, what is resident is what is held. To set it is the application's matter, for it slows down
 * everything that takes and gives back large blocks.
 */
const allocator = { MALLOC_TRIM_THRESHOLD_: '131072' };

/** Watches resident memory, from a tenth of the way to the end, while the same thing is done over and over. */
export async function leaks(options: {
  readonly model: string;
  readonly dispatches: number;
  readonly loads: number;
  /** How much more may be resident at the end than around a tenth of the way. */
  readonly growth: number;
  readonly device?: ChosenDevice | undefined;
}): Promise<Report> {
  const { model, dispatches, loads, device } = options;
  const watched = (what: 'dispatches' | 'loads', count: number) =>
    measureInProcess<Series>(
      'leaks-process',
      [what, String(count), model, ...(device ? [device.name] : [])],
      allocator,
    );
  const series = [await watched('dispatches', dispatches), await watched('loads', loads)];
  const growth = ({ early, late }: Series) => late.total / early.total - 1;
  const hasLeak = (one: Series) => growth(one) > options.growth || one.late.pooled > one.early.pooled;
  const failed = series.filter(hasLeak).length;
  return {
    title: 'Resident memory, around a tenth of the rounds and at the end',
    columns: ['what', 'early', 'late', 'growth', 'pools early', 'pools late'],
    rows: series.map((one) => [
      one.what,
      formatMegabytes(one.early.total),
      formatMegabytes(one.late.total),
      `${(growth(one) * 100).toFixed(2)} %`,
      formatMegabytes(one.early.pooled),
      formatMegabytes(one.late.pooled),
    ]),
    notes: [
      ...(device ? [`Halyard on ${device.description}, whose memory the pools hold`] : []),
      `${series.length - failed} passed, ${failed} failed`,
    ],
    data: {
      ...(device && { device: device.description }),
      series: series.map((one) => ({ ...one, growth: growth(one) })),
    },
    failed: failed > 0,
  };
}
