import { cpuPlugin } from '@halyard/backend-cpu';

/** The backend that a user runs on. A test that needs it fails where it cannot be used. */
export const cpuDevice = { device: 'cpu', backends: [cpuPlugin] } as const;
