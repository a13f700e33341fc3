import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCuda, fetchToolkit } from '@halyard/simulator';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** A matrix as the library was told of it. */
export interface ToldMatrix {
  readonly type: number;
  readonly rows: number;
  readonly columns: number;
  readonly leading: number;
  readonly batches: number;
  readonly batchStride: number;
}

/** What the stand-in was asked, see ../native/standin_cublaslt.cpp. Numbers are those of NVIDIA's enumerations. */
export interface ToldProduct {
  readonly call: 'suggest' | 'multiply' | 'destroy';
  readonly compute: number;
  readonly transposeA: number;
  readonly transposeB: number;
  readonly epilogue: number;
  readonly a: ToldMatrix;
  readonly b: ToldMatrix;
  readonly d: ToldMatrix;
  readonly workspaceBytes: number;
  readonly reductionSchemes?: number;
  readonly alignments?: readonly number[];
}

export interface StandinCublasLt {
  readonly library: string;
  /** Variables of the environment of a process that is to find it. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it was asked so far. */
  calls(): ToldProduct[];
}

/** Builds the library that takes cuBLASLt's place, and its kernel. */
export async function buildStandinCublasLt(folder: string, architecture = 'sm_80'): Promise<StandinCublasLt> {
  const library = join(folder, 'libcublasLt.so.13');
  const [log, ptx] = [join(folder, 'calls'), join(folder, 'product.ptx')];
  const options = ['-std=c++20', '-O1', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror'];
  const includes = ['-I', path('../../../native/include')];
  execFileSync('c++', [...options, ...includes, '-o', library, path('../native/standin_cublaslt.cpp'), '-ldl']);
  const source = ['standin_problem.h', 'standin_product.cu'].map((name) =>
    readFileSync(path(`../native/${name}`), 'utf8'),
  );
  const compiled = await compileCuda(await fetchToolkit('13'), source.join('\n').replaceAll('#pragma once\n', ''), {
    architecture,
  });
  writeFileSync(ptx, compiled.ptx);
  return {
    library,
    environment: { HALYARD_CUBLASLT: library, STANDIN_CUBLASLT_LOG: log, STANDIN_CUBLASLT_PTX: ptx },
    calls: () => {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
      return lines.map((line) => JSON.parse(line) as ToldProduct);
    },
  };
}
