#!/usr/bin/env node
import { simulate } from '../dist/command/simulate.js';

process.exitCode = await simulate(process.argv.slice(2));
