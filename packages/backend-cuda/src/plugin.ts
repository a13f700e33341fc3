import { type BackendPlugin, contractVersion } from '@halyard/core';
import { supportsStep } from '@halyard/simt';
import { openCudaDevice } from './device.js';
import { targetOf } from './probe/adapter.js';
import { probe } from './probe/probe.js';

/** NVIDIA GPUs from Volta on. */
export const cudaPlugin: BackendPlugin = {
  name: 'cuda',
  contract: contractVersion,
  probe,
  supports: (adapter, step, tensors) => supportsStep(targetOf(adapter), step, tensors),
  open: async (adapter, options) => openCudaDevice(adapter, options),
};
