import type { Adapter, Device } from '@halyard/core';
import { openNativeDevice } from '@halyard/native';
import { kernelGenerator } from './compilation/generate-kernels.js';
import { addonPackage } from './load-addon.js';
import { ProductTrial } from './products/product-trial.js';
import { productsOption } from './products/products-option.js';

/** What physical memory is mapped in; regions are multiples of it. */
const granularity = 2 * 2 ** 20;

/**
 * Opens a GPU. Option `memory`: `mapped` (regions that grow and shrink in place), `ordered` (the driver's pool) or
 * `plain`; the first that the device has unless told. Option `watchdogMs` (also `HALYARD_CUDA_WATCHDOG_MS`): how long
 * the device may work on one command before it counts as lost; as long as it likes unless told.
 *
 * Option `products`: who multiplies matrices where cuBLASLt could, see `ProductsOption`.
 *
 * @throws HalyardError `no-device`, `bad-argument`, or what the driver refuses with (`cuda:…`)
 */
export async function openCudaDevice(
  adapter: Adapter,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Device> {
  const { products, ...others } = options;
  const choice = productsOption(products);
  const { cublasLtPath } = adapter.versions;
  const addon = addonPackage.load();
  const trial = new ProductTrial(adapter);
  const device = await openNativeDevice(addon, adapter, {
    granularity,
    options: { ...others, ...(cublasLtPath !== undefined && { cublasLtPath }) },
    isReachable: false,
    generate: kernelGenerator(addon, adapter, choice, trial),
  });
  trial.device = device;
  return device;
}
