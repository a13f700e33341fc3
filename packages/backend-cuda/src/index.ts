export { cudaPlugin, cudaPlugin as default } from './plugin.js';
