import { buildAddon } from '@halyard/native/scripts/build-addon.js';

buildAddon(new URL('..', import.meta.url));
