import { spawnSync } from 'node:child_process';

/** What a build from source needs, how to see it, and where it comes from. */
const needed = [
  {
    what: 'Node.js 20.19 or newer',
    found: () => (atLeast(process.versions.node, [20, 19]) ? undefined : `this is ${process.versions.node}`),
    remedy: 'https://nodejs.org/en/download',
  },
  {
    what: 'a C++20 compiler (g++ 11 or clang 14 at least)',
    found: () => (compiler() ? undefined : 'neither CXX, c++, g++ nor clang++ takes -std=c++20'),
    remedy: { linux: 'sudo apt-get install g++', darwin: 'xcode-select --install' },
  },
  {
    what: 'CMake 3.20 or newer with make or ninja',
    found: () => {
      const version = answer('cmake', ['--version'])?.match(/(\d+)\.(\d+)/)?.[0];
      if (!version) return 'no cmake on the path';
      if (!atLeast(version, [3, 20])) return `cmake is ${version}`;
      return answer('make', ['--version']) || answer('ninja', ['--version']) ? undefined : 'neither make nor ninja';
    },
    remedy: { linux: 'sudo apt-get install cmake make', darwin: 'brew install cmake' },
  },
  {
    what: 'python3 with pip (a source of models)',
    found: () => {
      if (!answer('python3', ['--version'])) return 'no python3 on the path';
      return answer('python3', ['-m', 'pip', '--version']) ? undefined : 'python3 has no pip';
    },
    remedy: { linux: 'sudo apt-get install python3 python3-pip', darwin: 'brew install python' },
  },
];

/**
 * Everything that is missing, in one message; `undefined` if nothing is.
 *
 * @returns {string | undefined}
 */
export function missingPrerequisites() {
  const missing = needed.flatMap(({ what, found, remedy }) => {
    const problem = found();
    if (!problem) return [];
    const command = typeof remedy === 'string' ? remedy : (remedy[process.platform] ?? 'your package manager has it');
    return [`  - ${what}: ${problem}\n    → ${command}`];
  });
  if (missing.length === 0) return undefined;
  return `Halyard is built from source here, and this is missing:\n${missing.join('\n')}\nThen run the same command again.`;
}

function compiler() {
  return [process.env.CXX, 'c++', 'g++', 'clang++'].some(
    (command) =>
      command && answer(command, ['-std=c++20', '-x', 'c++', '-fsyntax-only', '-'], 'int main() {}') !== undefined,
  );
}

function answer(command, args, input = '') {
  const { status, stdout } = spawnSync(command, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
  return status === 0 ? stdout : undefined;
}

function atLeast(version, [major, minor]) {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
