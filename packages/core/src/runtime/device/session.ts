import type { Adapter, BackendPlugin, Device, Queue, Token } from '../../contract/index.js';
import { Pool } from '../pool/pool.js';
import type { Selection } from '../registry/index.js';
import type { Telemetry } from '../telemetry.js';
import { ConstantStore } from './constants.js';
import { Workspace } from './workspace.js';

export interface SessionOptions {
  readonly memoryBudget?: number | undefined;
  readonly deviceOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** An open device with all that a context keeps on it: pool, queue, constants, workspace. */
export class DeviceSession {
  readonly plugin: BackendPlugin;
  readonly adapter: Adapter;
  readonly module: string | undefined;
  readonly device: Device;
  readonly pool: Pool;
  /** The queue on which everything runs that touches tensors, so that its order is theirs. */
  readonly queue: Queue;
  readonly constants: ConstantStore;
  readonly workspace: Workspace;
  /** What was submitted last: once it is done, so is all before. */
  lastToken: Token | undefined;

  private constructor(
    { plugin, adapter, module }: Selection,
    device: Device,
    telemetry: Telemetry,
    options: SessionOptions,
  ) {
    this.plugin = plugin;
    this.adapter = adapter;
    this.module = module;
    this.device = device;
    this.queue = device.queue('compute');
    this.pool = new Pool(device.memory, telemetry, {
      budgetBytes: options.memoryBudget,
      alignment: adapter.limits.alignment,
      regionBytes: adapter.limits.regionBytes,
    });
    this.constants = new ConstantStore(device, this.pool, device.queue('copy'), telemetry);
    this.workspace = new Workspace(this.pool, () => this.inFlight());
  }

  static async open(selection: Selection, telemetry: Telemetry, options: SessionOptions): Promise<DeviceSession> {
    const device = await selection.plugin.open(selection.adapter, options.deviceOptions);
    return new DeviceSession(selection, device, telemetry, options);
  }

  submitted(token: Token): Token {
    this.lastToken = token;
    return token;
  }

  /** What memory that is freed now has to wait for. */
  inFlight(): readonly Token[] {
    return this.lastToken && !this.lastToken.isDone ? [this.lastToken] : [];
  }

  /** Waits for what is in flight, then gives everything back. */
  async close(): Promise<void> {
    await Promise.allSettled(this.inFlight().map((token) => token.wait()));
    await this.pool.close();
    await this.device.close();
  }
}
