export { cpuPlugin, cpuPlugin as default } from './plugin.js';
