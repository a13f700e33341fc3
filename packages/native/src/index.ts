export type { Handle, NativeAddon, NativeExecutable as NativeExecutableData } from './addon.js';
export { AddonPackage, buildFolder } from './addon-package.js';
export { encodeKernels, type KernelList } from './encode-kernels.js';
export { encodeProducts } from './encode-product.js';
export { encodeProgram } from './encode-program.js';
export { type GeneratedKernels, type NativeDeviceOptions, openNativeDevice } from './native-device.js';
export { fromNativeError, native, nativePromise } from './native-error.js';
