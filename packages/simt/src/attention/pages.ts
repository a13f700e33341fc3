import { operandValue } from '../expression/index.js';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import type { AttentionProblem } from './problem.js';

/** Shared memory, aligned as the dynamic part behind it, for the pages of a tile of keys. */
export const pageBytes = ({ table }: AttentionProblem): number => (table ? 1024 : 0);

/**
 * `load_pages(batch, first, end)`, for all threads of a block: entries of the table for a stretch of at most `keys` keys,
 * in shared memory, so that they are not read again for each element. What follows waits at a barrier, and finds the page
 * of a key at `pages[index / blockSize - first_page]`.
 */
export function writePages(writer: KernelWriter, { table, blockSize }: AttentionProblem, keys: number): void {
  if (!table) return;
  const count = Math.ceil((keys - 1) / blockSize) + 1;
  writer.line(`__shared__ int pages[${count}];`, 'int first_page = 0;');
  writer.block('const auto load_pages = [&](int batch, int first, int end)', () => {
    writer.line(`first_page = first / ${blockSize};`);
    writer.block(
      `for (int page = threadIdx.x; page < ${count} && (first_page + page) * ${blockSize} < end; page += blockDim.x)`,
      () => writer.line(`pages[page] = ${operandValue(writer, table, ['batch', '(first_page + page)']).code};`),
    );
  });
  writer.line(';');
}

/** C++ that loads the pages of a stretch; nothing where there are none. */
export const loadPages = ({ table }: AttentionProblem, first: string, end: string): string =>
  table ? `load_pages(batch, ${first}, ${end});` : '';
