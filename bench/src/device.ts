import { type ProbeBackendsOptions, selectDevice } from '@halyard/core';

/** Where Halyard computes, if not on the CPU. */
export interface ChosenDevice {
  /** As the user named it. */
  readonly name: string;
  /** For people: what it is. */
  readonly description: string;
}

/** @throws HalyardError `no-device` with what the backend answered */
export async function chooseDevice(name: string, options: ProbeBackendsOptions = {}): Promise<ChosenDevice> {
  const { adapter } = await selectDevice(name, options);
  return { name, description: `${adapter.name} (${adapter.architecture})` };
}
