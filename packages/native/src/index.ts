export type { Handle, NativeAddon, NativeExecutable as NativeExecutableData } from './addon.js';
export { encodeProgram } from './encode-program.js';
export { type NativeDeviceOptions, openNativeDevice } from './native-device.js';
