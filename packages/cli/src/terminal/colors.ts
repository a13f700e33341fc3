import picocolors from 'picocolors';

const plain = process.env.NO_COLOR !== undefined;

/** Each stream is coloured only if it is a terminal itself. */
export const colors = picocolors.createColors(process.stdout.isTTY === true && !plain);
export const noteColors = picocolors.createColors(process.stderr.isTTY === true && !plain);
