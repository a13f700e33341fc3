import { describe, expect, it } from 'vitest';
import { Program } from './programs.js';

type Words = Int32Array | Uint32Array | Float32Array;

/** Runs instructions over 32 lanes: %a, %b, %c are loaded, %d is stored; for floats %fa, %fb, %fc, %fd. */
async function execute(body: string, a: Words, b: Words = a, c: Words = a): Promise<ArrayBuffer> {
  const program = new Program(`.version 8.4
.target sm_90
.address_size 64
.visible .entry run(.param .u64 pa, .param .u64 pb, .param .u64 pc, .param .u64 pd)
{
  .reg .b32 %a, %b, %c, %d, %t<8>;
  .reg .b64 %pa, %pb, %pc, %pd, %o, %w<8>;
  .reg .f32 %fa, %fb, %fc, %fd;
  .reg .b16 %h<8>;
  .reg .f64 %x<4>;
  .reg .pred %p<8>;
  ld.param.u64 %pa, [pa]; ld.param.u64 %pb, [pb]; ld.param.u64 %pc, [pc]; ld.param.u64 %pd, [pd];
  mov.u32 %t0, %tid.x; mul.wide.u32 %o, %t0, 4;
  add.u64 %pa, %pa, %o; add.u64 %pb, %pb, %o; add.u64 %pc, %pc, %o; add.u64 %pd, %pd, %o;
  ld.global.u32 %a, [%pa]; ld.global.u32 %b, [%pb]; ld.global.u32 %c, [%pc];
  mov.b32 %fa, %a; mov.b32 %fb, %b; mov.b32 %fc, %c; mov.b32 %d, 0;
  ${body}
  st.global.u32 [%pd], %d;
  ret;
}`);
  const d = program.room(128);
  const result = await program.run('run', { block: [32] }, program.put(a), program.put(b), program.put(c), d);
  expect(result.error).toBeNull();
  return program.device.read(d, 128);
}

const integers = (f: (i: number) => number) => Int32Array.from({ length: 32 }, (_, i) => f(i));
const a = integers((i) => Math.imul(i + 1, 0x9e3779b9) ^ (i << 7));
const b = integers((i) => Math.imul(i + 3, 0x85ebca6b));
const c = integers((i) => Math.imul(i + 5, 0xc2b2ae35));
const floats = Float32Array.from({ length: 32 }, (_, i) => (i - 13.37) * 1.7 ** (i - 16));
const others = Float32Array.from({ length: 32 }, (_, i) => (29.1 - i) * 0.73);

async function expectIntegers(
  body: string,
  f: (a: number, b: number, c: number, lane: number) => number,
  y = b,
  z = c,
) {
  expect(new Int32Array(await execute(body, a, y, z)), body).toEqual(a.map((x, i) => f(x, y[i]!, z[i]!, i)));
}
async function expectFloats(body: string, f: (a: number, b: number) => number, digits?: number) {
  const found = new Float32Array(await execute(body, floats, others));
  floats.forEach((x, i) => {
    const expected = Math.fround(f(x, others[i]!));
    if (digits === undefined) expect(found[i], `${body} of ${x}, ${others[i]}`).toBe(expected);
    else expect(Math.abs(found[i]! - expected)).toBeLessThanOrEqual(10 ** -digits * Math.max(1, Math.abs(expected)));
  });
}

const high = (x: number, y: number) => Number((BigInt(x) * BigInt(y)) >> 32n);
const bits = (x: number) => BigInt(x >>> 0);
const low = (x: bigint) => Number(BigInt.asIntN(32, x));

describe('integer instructions', () => {
  it('add, multiply, take high halves and carry', async () => {
    await expectIntegers('add.s32 %d, %a, %b;', (x, y) => (x + y) | 0);
    await expectIntegers('mul.lo.s32 %d, %a, %b;', (x, y) => Math.imul(x, y));
    await expectIntegers('mul.hi.s32 %d, %a, %b;', high);
    await expectIntegers('mul.hi.u32 %d, %a, %b;', (x, y) => low((bits(x) * bits(y)) >> 32n));
    await expectIntegers('mad.lo.s32 %d, %a, %b, %c;', (x, y, z) => (Math.imul(x, y) + z) | 0);
    await expectIntegers('mad.wide.s32 %w0, %a, %b, 5; shr.u64 %w0, %w0, 32; cvt.u32.u64 %d, %w0;', (x, y) =>
      low((BigInt(x) * BigInt(y) + 5n) >> 32n),
    );
    await expectIntegers('add.cc.u32 %t1, %a, %b; addc.u32 %d, 0, 0;', (x, y) => Number((bits(x) + bits(y)) >> 32n));
    await expectIntegers('sub.cc.u32 %t1, %a, %b; subc.u32 %d, 0, 0;', (x, y) => (x >>> 0 < y >>> 0 ? -1 : 0));
  });

  it('extend narrow results to all of a wider register', async () => {
    await expectIntegers('cvt.s8.s32 %h0, %a; cvt.s32.s16 %d, %h0;', (x) => (x << 24) >> 24);
    await expectIntegers('cvt.u8.s32 %h0, %a; cvt.s32.s16 %d, %h0;', (x) => x & 0xff);
  });

  it('divide, take remainders, minima and absolute values', async () => {
    await expectIntegers('div.s32 %d, %a, %b;', (x, y) => Math.trunc(x / y) | 0);
    await expectIntegers('rem.u32 %d, %a, %b;', (x, y) => ((x >>> 0) % (y >>> 0)) | 0);
    await expectIntegers('min.s32 %d, %a, %b;', (x, y) => Math.min(x, y));
    await expectIntegers('max.u32 %d, %a, %b;', (x, y) => Math.max(x >>> 0, y >>> 0) | 0);
    await expectIntegers('abs.s32 %d, %a;', (x) => Math.abs(x));
  });

  it('shift and move bits', async () => {
    await expectIntegers('and.b32 %t1, %b, 63; shl.b32 %d, %a, %t1;', (x, y) => ((y & 63) > 31 ? 0 : x << (y & 31)));
    await expectIntegers('and.b32 %t1, %b, 63; shr.s32 %d, %a, %t1;', (x, y) => x >> Math.min(31, y & 63));
    await expectIntegers('shf.l.wrap.b32 %d, %a, %b, %c;', (x, y, z) =>
      low((((bits(y) << 32n) | bits(x)) << (bits(z) & 31n)) >> 32n),
    );
    await expectIntegers('lop3.b32 %d, %a, %b, %c, 0xCA;', (x, y, z) => (x & y) | (~x & z));
    await expectIntegers('prmt.b32 %d, %a, %b, 0x5410;', (x, y) => (x & 0xffff) | (y << 16));
    await expectIntegers('bfe.s32 %d, %a, 5, 9;', (x) => (x << 18) >> 23);
    await expectIntegers('bfi.b32 %d, %a, %b, 8, 12;', (x, y) => (y & ~0xfff00) | ((x & 0xfff) << 8));
    await expectIntegers('popc.b32 %d, %a;', (x) => [...(x >>> 0).toString(2)].filter((bit) => bit === '1').length);
    await expectIntegers('clz.b32 %d, %a;', (x) => Math.clz32(x));
  });

  it('multiply bytes and sum them', async () => {
    const byte = (x: number, i: number) => (x << (24 - 8 * i)) >> 24;
    await expectIntegers('dp4a.s32.s32 %d, %a, %b, %c;', (x, y, z) =>
      [0, 1, 2, 3].reduce((t, i) => (t + byte(x, i) * byte(y, i)) | 0, z),
    );
    await expectIntegers('dp4a.u32.u32 %d, %a, %b, %c;', (x, y, z) =>
      [0, 1, 2, 3].reduce((t, i) => (t + (byte(x, i) & 255) * (byte(y, i) & 255)) | 0, z),
    );
  });

  it('make masks of bits, clamped or wrapped', async () => {
    const ones = (length: number) => (length >= 32 ? -1 : 2 ** length - 1);
    await expectIntegers('and.b32 %b, %b, 63; bmsk.clamp.b32 %d, %t0, %b;', (_x, y, _z, lane) => ones(y & 63) << lane);
    await expectIntegers('bmsk.wrap.b32 %d, %t0, %b;', (_x, y, _z, lane) => ones(y & 31) << lane);
  });

  it('compare, select and predicate', async () => {
    await expectIntegers('setp.lt.s32 %p1, %a, %b; selp.b32 %d, %a, %b, %p1;', (x, y) => Math.min(x, y));
    await expectIntegers('setp.gt.u32 %p1|%p2, %a, %b; @%p2 mov.u32 %d, 7; @%p1 mov.u32 %d, 9;', (x, y) =>
      x >>> 0 > y >>> 0 ? 9 : 7,
    );
    await expectIntegers('setp.ge.s32 %p1, %a, 0; setp.ge.and.s32 %p2, %b, 0, %p1; selp.b32 %d, 1, 0, %p2;', (x, y) =>
      Number(x >= 0 && y >= 0),
    );
  });
});

describe('floating-point instructions', () => {
  it('round as IEEE 754 says', async () => {
    await expectFloats('add.f32 %fd, %fa, %fb; mov.b32 %d, %fd;', (x, y) => x + y);
    await expectFloats('mul.rn.f32 %fd, %fa, %fb; mov.b32 %d, %fd;', (x, y) => x * y);
    await expectFloats('div.rn.f32 %fd, %fa, %fb; mov.b32 %d, %fd;', (x, y) => x / y);
    await expectFloats('sqrt.rn.f32 %fd, %fb; mov.b32 %d, %fd;', (_, y) => Math.sqrt(y));
    await expectFloats('min.f32 %fd, %fa, %fb; mov.b32 %d, %fd;', Math.min);
    await expectFloats('abs.f32 %fd, %fa; neg.f32 %fd, %fd; mov.b32 %d, %fd;', (x) => -Math.abs(x));
  });

  it('round towards where they are told', async () => {
    const found = new Float32Array(await execute('mul.rm.f32 %fd, %fa, %fb; mov.b32 %d, %fd;', floats, others));
    const above = new Float32Array(await execute('mul.rp.f32 %fd, %fa, %fb; mov.b32 %d, %fd;', floats, others));
    floats.forEach((x, i) => {
      const exact = x * others[i]!;
      expect(found[i]).toBeLessThanOrEqual(exact);
      expect(above[i]).toBeGreaterThanOrEqual(exact);
      expect(above[i]! - found[i]!).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -22);
    });
  });

  it('approximate transcendental functions', async () => {
    await expectFloats('ex2.approx.f32 %fd, %fb; mov.b32 %d, %fd;', (_, y) => 2 ** y, 6);
    await expectFloats('sin.approx.f32 %fd, %fb; mov.b32 %d, %fd;', (_, y) => Math.sin(y), 6);
    await expectFloats('tanh.approx.f32 %fd, %fa; mov.b32 %d, %fd;', (x) => Math.tanh(x), 6);
    await expectFloats(
      'abs.f32 %fb, %fb; rsqrt.approx.f32 %fd, %fb; mov.b32 %d, %fd;',
      (_, y) => 1 / Math.sqrt(Math.abs(y)),
      6,
    );
  });

  it('convert to integers with saturation, and round halves to even', async () => {
    const wild = Float32Array.from([
      0.5,
      1.5,
      -0.5,
      -2.5,
      3e9,
      -3e9,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      ...floats.slice(0, 24),
    ]);
    const even = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
    const clamp = (x: number) => (Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, x)));
    const nearest = new Int32Array(await execute('cvt.rni.s32.f32 %d, %fa;', wild));
    const truncated = new Int32Array(await execute('cvt.rzi.s32.f32 %d, %fa;', wild));
    wild.forEach((x, i) => {
      expect(nearest[i]).toBe(clamp(even(x)) | 0);
      expect(truncated[i]).toBe(clamp(Math.trunc(x)) | 0);
    });
  });

  it('pack pairs of halves, and compute with them', async () => {
    const found = new Uint32Array(
      await execute(
        'cvt.rn.f16x2.f32 %d, %fa, %fb;',
        Float32Array.from({ length: 32 }, (_, i) => i + 0.5),
        Float32Array.from({ length: 32 }, (_, i) => -i),
      ),
    );
    expect(found[3]).toBe(0x4300c200);
    const sums = new Uint32Array(
      await execute('mov.u32 %a, 0x3C004000; mov.u32 %b, 0x3C00BC00; fma.rn.f16x2 %d, %a, %b, %a;', a),
    );
    expect(sums[31]).toBe(0x40000000);
    const bfloat = new Uint32Array(
      await execute('cvt.rn.bf16.f32 %h1, %fb; mov.b32 %d, {%h1, %h1};', floats, new Float32Array(32).fill(1.00390625)),
    );
    expect(bfloat[0]).toBe(0x3f803f80);
    const fp8 = new Uint32Array(
      await execute(
        'cvt.rn.satfinite.e4m3x2.f32 %h1, %fa, %fb; cvt.u32.u16 %d, %h1;',
        new Float32Array(32).fill(1000),
        new Float32Array(32).fill(-1.5),
      ),
    );
    expect(fp8[0]).toBe(0x7ebc);
  });
});

describe('exchange between lanes', () => {
  it('shuffles in all four ways', async () => {
    await expectIntegers('shfl.sync.idx.b32 %d, %a, 5, 31, -1;', () => a[5]!);
    await expectIntegers('shfl.sync.up.b32 %d|%p1, %a, 3, 0, -1; @!%p1 mov.u32 %d, 0;', (_x, _y, _z, lane) =>
      lane >= 3 ? a[lane - 3]! : 0,
    );
    await expectIntegers('shfl.sync.down.b32 %d, %a, 2, 0x181f, -1;', (x, _y, _z, lane) =>
      (lane & 7) < 6 ? a[lane + 2]! : x,
    );
    await expectIntegers('shfl.sync.bfly.b32 %d, %a, 16, 31, -1;', (_x, _y, _z, lane) => a[lane ^ 16]!);
  });

  it('votes, matches and reduces', async () => {
    const votes = a.reduce((mask, x, i) => (x < 0 ? mask | (1 << i) : mask), 0);
    await expectIntegers('setp.lt.s32 %p1, %a, 0; vote.sync.ballot.b32 %d, %p1, -1;', () => votes);
    await expectIntegers(
      'and.b32 %t1, %t0, 3; match.any.sync.b32 %d, %t1, -1;',
      (_x, _y, _z, lane) => (0x11111111 << (lane & 3)) | 0,
    );
    await expectIntegers('redux.sync.max.s32 %d, %a, -1;', () => Math.max(...a));
    await expectIntegers('setp.lt.u32 %p1, %t0, 8; @%p1 activemask.b32 %d;', (_x, _y, _z, lane) =>
      lane < 8 ? 255 : 0,
    );
  });
});

describe('control flow', () => {
  it('parts and meets again, also in loops that lanes leave at different times', async () => {
    await expectIntegers(
      `mov.u32 %t1, 0;
LOOP: add.u32 %t1, %t1, 1; add.u32 %d, %d, %t1; setp.lt.u32 %p1, %t1, %t0; @%p1 bra LOOP;
  activemask.b32 %t2; setp.ne.u32 %p2, %t2, -1; @%p2 mov.u32 %d, -1;`,
      (_x, _y, _z, lane) => (Math.max(lane, 1) * (Math.max(lane, 1) + 1)) / 2,
    );
  });

  it('keeps labels of inner scopes apart', async () => {
    const wait = '{ .reg.pred %q; setp.gt.u32 %q, %t0, 7; @%q bra DONE; add.u32 %d, %d, 1; DONE: }';
    await expectIntegers(`${wait} ${wait} add.u32 %d, %d, 10;`, (_x, _y, _z, lane) => (lane <= 7 ? 12 : 10));
  });
});
