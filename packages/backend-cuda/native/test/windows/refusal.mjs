// What probing says where the driver cannot be used: refusal.mjs CODE TEXT, both of which it has to have.
import plugin from '@halyard/backend-cuda';

const [code, text] = process.argv.slice(2);
const { adapters, refusals } = await plugin.probe({ timeoutMs: code === 'cuda:driver-hangs' ? 8000 : 60_000 });
console.log(JSON.stringify(refusals));
const isRight = adapters.length === 0 && refusals.length === 1 && refusals[0].code === code;
if (!isRight || !refusals[0].found.includes(text)) {
  console.log(`WRONG: expected ${code} with "${text}"`);
  process.exitCode = 1;
}
