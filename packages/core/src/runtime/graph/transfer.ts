import { asHalyardError, poisoned } from '../errors.js';
import type { Telemetry } from '../telemetry.js';
import type { TensorMemory } from '../tensor.js';

/** Brings the contents of one memory to another, on another device, through the host. */
export async function transfer(
  name: string,
  from: TensorMemory,
  to: TensorMemory,
  telemetry: Telemetry,
): Promise<void> {
  const bytes = Math.min(from.bytes, to.bytes);
  if (bytes === 0) return;
  const staging = new Uint8Array(bytes);
  await readInto(from, staging);
  to.lastWrite = to.session.submitted(to.session.queue.write(staging, { ...to.span, bytes }));
  to.failure = undefined;
  telemetry.emit('migrate', { from: from.session.adapter.id, to: to.session.adapter.id, bytes, name });
}

/** @throws HalyardError `poisoned` if the work that wrote the memory failed */
export async function readInto(memory: TensorMemory, target: Uint8Array): Promise<void> {
  if (memory.failure) throw poisoned(memory.failure);
  const { session, lastWrite } = memory;
  const after = lastWrite ? [lastWrite] : [];
  const token = session.submitted(session.queue.read({ ...memory.span, bytes: target.byteLength }, target, after));
  try {
    await token.wait();
  } catch (error) {
    throw lastWrite?.error ? poisoned(lastWrite.error) : asHalyardError(error, 'Reading a tensor');
  }
}
