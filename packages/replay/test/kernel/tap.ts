// One end of a wire, as a file: a macvtap device takes the frames that are written to it and hands out those that
// arrive. Node can't open packet sockets, but it can read and write a device. Each frame has a virtio header before it.

import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";

/** sizeof(struct virtio_net_hdr), which is what macvtap begins with (drivers/net/tap.c). */
const virtioHeaderBytes = 10;

export class Tap {
  readonly #device: number;
  readonly #buffer = Buffer.alloc(65_536);

  constructor(path: string) {
    this.#device = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  send(frame: Uint8Array): void {
    writeSync(this.#device, Buffer.concat([Buffer.alloc(virtioHeaderBytes), frame]));
  }

  /** Null where nothing has arrived. */
  receive(): Uint8Array | null {
    try {
      const length = readSync(this.#device, this.#buffer);
      return Uint8Array.from(this.#buffer.subarray(virtioHeaderBytes, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return null;
      throw error;
    }
  }

  close(): void {
    closeSync(this.#device);
  }
}

const never = new Int32Array(new SharedArrayBuffer(4));

/** Waits where nobody else has a turn: the kernel's answer is there in microseconds. */
export function pause(millis: number): void {
  Atomics.wait(never, 0, 0, millis);
}
