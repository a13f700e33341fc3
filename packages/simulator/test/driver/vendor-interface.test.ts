import { fetchToolkit } from '@halyard/simulator';
import { expect, it } from 'vitest';
import { compileWithHeaders } from './vendor-headers.js';

it('every function has the signature, every type the layout and the values of NVIDIA’s cuda.h', async () => {
  const toolkit = await fetchToolkit('13');
  await expect(compileWithHeaders(toolkit, 'vendor_interface.cpp', '-fsyntax-only')).resolves.toBeUndefined();
});
