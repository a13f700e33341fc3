import type { Token } from '../../contract/index.js';
import type { DeviceSession } from '../device/session.js';
import { asHalyardError, poisoned } from '../errors.js';
import type { Telemetry } from '../telemetry.js';
import type { TensorMemory } from '../tensor.js';

/** Brings the contents of one memory to another, on another device: directly where the two are linked. */
export async function transfer(
  name: string,
  from: TensorMemory,
  to: TensorMemory,
  telemetry: Telemetry,
): Promise<void> {
  const bytes = Math.min(from.bytes, to.bytes);
  if (bytes === 0) return;
  const isDirect = areLinked(from.session, to.session);
  if (isDirect) await copyDirectly(from, to, bytes);
  else await copyThroughHost(from, to, bytes);
  to.failure = undefined;
  telemetry.emit('migrate', { from: from.session.adapter.id, to: to.session.adapter.id, bytes, name, isDirect });
}

/** @throws HalyardError `poisoned` if the work that wrote the memory failed */
export async function readInto(memory: TensorMemory, target: Uint8Array): Promise<void> {
  if (memory.failure) throw poisoned(memory.failure);
  const { session, lastWrite } = memory;
  const after = lastWrite ? [lastWrite] : [];
  const token = session.submitted(session.queue.read({ ...memory.span, bytes: target.byteLength }, target, after));
  await succeed(token, memory, 'Reading a tensor');
}

/** Devices of one backend, where the one that copies names the other. */
function areLinked(from: DeviceSession, to: DeviceSession): boolean {
  return from.plugin === to.plugin && from.adapter.links.some((link) => link.to === to.adapter.id);
}

/**
 * On the queue of the device that it comes from, whose order keeps that memory as it is meanwhile. For the other device
 * the host keeps the order: a token counts on its own device alone.
 */
async function copyDirectly(from: TensorMemory, to: TensorMemory, bytes: number): Promise<void> {
  await Promise.allSettled(to.session.inFlight().map((token) => token.wait()));
  if (from.failure) throw poisoned(from.failure);
  const after = from.lastWrite ? [from.lastWrite] : [];
  const token = from.session.queue.copy({ ...from.span, bytes }, { ...to.span, bytes }, after);
  from.session.submitted(token);
  await succeed(token, from, 'Copying a tensor to another device');
  to.lastWrite = undefined;
}

async function copyThroughHost(from: TensorMemory, to: TensorMemory, bytes: number): Promise<void> {
  const staging = new Uint8Array(bytes);
  await readInto(from, staging);
  to.lastWrite = to.session.submitted(to.session.queue.write(staging, { ...to.span, bytes }));
}

async function succeed(token: Token, memory: TensorMemory, doing: string): Promise<void> {
  const { lastWrite } = memory;
  try {
    await token.wait();
  } catch (error) {
    throw lastWrite?.error ? poisoned(lastWrite.error) : asHalyardError(error, doing);
  }
}
