import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const functionList = fileURLToPath(new URL('../../native/driver/functions.h', import.meta.url));

/** A driver that answers each call with success and does nothing, except for what is given. */
export interface FakeDriver {
  /** Functions that it lacks. */
  readonly without?: readonly string[];
  /** Whole functions in C, by name. */
  readonly functions?: Readonly<Record<string, string>>;
}

const folders: string[] = [];

/** A folder of its own, until `removeFolders`. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-cuda-'));
  folders.push(folder);
  return folder;
}

/** A folder of its own with empty files, until `removeFolders`. */
export function folderWith(...files: readonly string[]): string {
  const root = newFolder();
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Builds it as a libcuda.so.1. Gives the folder to put on the loader's path. */
export function buildFakeDriver({ without = [], functions = {} }: FakeDriver): string {
  const symbols = [...readFileSync(functionList, 'utf8').matchAll(/(?:FUNCTION|OPTIONAL)\(\w+, (\w+), (\w+),/g)];
  const bodies = symbols
    .map(([, symbol]) => symbol!)
    .filter((symbol) => !without.includes(symbol))
    .map((symbol) => functions[symbol] ?? defaults[symbol] ?? `int ${symbol}() { return 0; }`);
  // NVRTC asks the driver, too, and takes a success at its word.
  bodies.push('int cuGetExportTable() { return 500; }');
  return dirname(
    compileLibrary(
      'libcuda.so.1',
      `#include <dlfcn.h>\n#include <string.h>\n#include <unistd.h>\n${bodies.join('\n')}\n`,
    ),
  );
}

/** Builds a library to be preloaded, for which `/dev/nvidiactl` cannot be opened for this reason. Gives its path. */
export function buildGate(error: 'EACCES' | 'EPERM' | 'ENOENT'): string {
  const gate = (name: string) => `
int ${name}(const char* path, int flags, ...) {
  if (strcmp(path, "/dev/nvidiactl") == 0) { errno = ${error}; return -1; }
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  return ((int (*)(const char*, int, ...))dlsym(RTLD_NEXT, "${name}"))(path, flags, mode);
}`;
  const headers = ['dlfcn.h', 'errno.h', 'stdarg.h', 'string.h'].map((name) => `#include <${name}>`);
  return compileLibrary('gate.so', ['#define _GNU_SOURCE', ...headers, gate('open'), gate('open64')].join('\n'));
}

/** Compiles C into a folder of its own. */
function compileLibrary(name: string, source: string): string {
  const path = join(newFolder(), name);
  writeFileSync(`${path}.c`, source);
  execFileSync('cc', ['-shared', '-fPIC', '-w', '-o', path, `${path}.c`, '-ldl']);
  return path;
}

/** One device of sm_80. */
const defaults: Readonly<Record<string, string>> = {
  cuDriverGetVersion: 'int cuDriverGetVersion(int* version) { *version = 13000; return 0; }',
  cuDeviceGetCount: 'int cuDeviceGetCount(int* count) { *count = 1; return 0; }',
  cuDeviceGet: 'int cuDeviceGet(int* device, int ordinal) { *device = ordinal; return 0; }',
  cuDeviceGetName: 'int cuDeviceGetName(char* name, int size, int device) { strcpy(name, "Fake"); return 0; }',
  cuDeviceGetPCIBusId:
    'int cuDeviceGetPCIBusId(char* text, int size, int device) { strcpy(text, "0000:01:00.0"); return 0; }',
  cuDeviceTotalMem_v2: 'int cuDeviceTotalMem_v2(size_t* bytes, int device) { *bytes = 1ull << 30; return 0; }',
  cuDeviceGetAttribute: deviceAttributes({ 1: 1024, 10: 32, 16: 4, 75: 8, 76: 0 }),
};

/** `cuDeviceGetAttribute` with these values, by the attribute's number. */
export function deviceAttributes(values: Readonly<Record<number, number>>): string {
  const cases = Object.entries(values).map(([attribute, value]) => `case ${attribute}: *value = ${value}; break;`);
  return `int cuDeviceGetAttribute(int* value, int attribute, int device) { *value = 0; switch (attribute) { ${cases.join(' ')} } return 0; }`;
}
