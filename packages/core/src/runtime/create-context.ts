import { type Adapter, HalyardError } from '../contract/index.js';
import { MLContext } from './context.js';
import { type CompileSettings, ContextCore } from './context-core.js';
import { DeviceSession } from './device/session.js';
import { asHalyardError } from './errors.js';
import { type BackendReference, selectDevice } from './registry/index.js';
import { Telemetry } from './telemetry.js';

export interface MLContextOptions extends CompileSettings {
  /**
   * `cpu`, `cuda:1`, `reference`, or several, the first of which holds the tensors and the others take what it cannot
   * do. Unless said, `HALYARD_DEVICE`, or else the best there is.
   */
  readonly device?: string | readonly string[] | undefined;
  /** Plugins, packages, paths or URLs besides the backends that are installed. Of plugins given as objects, without `device`, the best is taken. */
  readonly backends?: readonly BackendReference[] | undefined;
  /** Bytes that may be reserved on each device. */
  readonly memoryBudget?: number | undefined;
  /** Handed to the backend as it is: `{ threads: 4 }`. */
  readonly deviceOptions?: Readonly<Record<string, unknown>> | undefined;
  /** How long probing one backend may take. 10 000 unless said. */
  readonly probeTimeoutMs?: number | undefined;
  /** WebNN's hint, of which only `cpu` says something here. */
  readonly deviceType?: 'cpu' | 'gpu' | 'npu' | undefined;
  /** WebNN's hints, which are taken note of and change nothing: the best device is the one that performs best. */
  readonly powerPreference?: 'default' | 'high-performance' | 'low-power' | undefined;
  readonly accelerated?: boolean | undefined;
}

/**
 * Finds a device, opens it, and makes a context on it.
 *
 * Backends are probed in processes of their own, which may crash; an open device's driver is called in this one, which
 * ends with it if it does. Who has to outlive that computes in a child process.
 *
 * @throws HalyardError `no-device` with the reason of every backend; `bad-argument`; `backend-failed`
 */
export async function createContext(options: MLContextOptions = {}): Promise<MLContext> {
  const { memoryBudget, deviceType } = options;
  if (memoryBudget !== undefined && !(memoryBudget > 0)) {
    throw new HalyardError('bad-argument', {
      found: `memoryBudget is ${memoryBudget}`,
      expected: 'a positive number of bytes',
      remedy: 'Correct it, or leave it out.',
    });
  }
  const asked = options.device ?? (deviceType === 'cpu' ? 'cpu' : undefined);
  const names: readonly (string | undefined)[] = Array.isArray(asked) ? asked : [asked as string | undefined];
  const sessions: DeviceSession[] = [];
  const telemetry = new Telemetry(() =>
    Object.fromEntries(sessions.map(({ adapter, pool }) => [adapter.id, pool.statistics()])),
  );
  try {
    for (const name of names) sessions.push(await open(name, options, telemetry));
  } catch (error) {
    await Promise.allSettled(sessions.map((session) => session.close()));
    throw error;
  }
  return new MLContext(new ContextCore(sessions, telemetry, options));
}

async function open(name: string | undefined, options: MLContextOptions, telemetry: Telemetry): Promise<DeviceSession> {
  const selection = await selectDevice(name, options);
  try {
    return await DeviceSession.open(selection, telemetry, options);
  } catch (error) {
    throw asHalyardError(error, `Opening ${describe(selection.adapter)}`);
  }
}

function describe({ name, id }: Adapter): string {
  return `${name} (${id})`;
}
