import { beforeEach, describe, expect, it } from "vitest";
import { FlowTable, noFlow, type Opening } from "../../src/flow/flow-table.js";
import { type Micros, newPacket } from "../../src/index.js";
import { FlowDictionaryBuilder } from "../../src/traffic/flow-dictionary.js";
import { flowKeys } from "../../src/traffic/flow-keys.js";
import { Random } from "../support/random.js";

/** As many different flows as asked for: few addresses, so that keys differ in little. */
function dictionaryOf(count: number) {
  const builder = new FlowDictionaryBuilder();
  const { flow } = newPacket();
  for (let index = 0; index < count; index++) {
    flow.words.set([0, 0, 0xffff, 0x0a000004, 0, 0, 0xffff, 0xcb007100 + (index & 7)]);
    flow.protocol = 6 + 11 * ((index >> 3) & 1);
    flow.sourcePort = 22;
    flow.destinationPort = 1024 + (index >> 4);
    builder.add(flow);
  }
  return builder.finish();
}

const flows = dictionaryOf(20_000);
let keys = flowKeys(flows);
beforeEach(() => {
  keys = flowKeys(flows);
});

function opening(flow: number, scope: number, hash: number): Opening {
  const rest = {
    time: 0 as Micros,
    source: 0,
    frame: flow,
    originator: 0,
    direction: 0,
    admission: 0,
    untracked: false,
    semantics: 0,
  };
  return { scope, flows, flow, keys, hash, midStream: false, ...rest };
}

describe("the flow table", () => {
  it.each([
    ["hashes that collide in bundles", (flow: number) => (flow % 97) * 64],
    ["hashes at the very end of the index", (flow: number) => 0xffff_ff00 + (flow % 256)],
    ["hashes that are spread", (flow: number) => Math.imul(flow + 1, 0x9e3779b1) >>> 0],
  ])("finds what was opened and not closed, as a map does, through growth and deletion: %s", (_, hashOf) => {
    const random = new Random(11);
    const table = new FlowTable();
    const model = new Map<string, number>();
    for (let step = 0; step < 30_000; step++) {
      const growing = step < 12_000 || step > 22_000;
      const flow = random.below(growing ? 3000 : 300);
      const scope = random.below(3);
      const key = `${flow} ${scope}`;
      const slot = table.find(hashOf(flow), scope, { flows, keys, flow });
      expect(slot, `step ${step}`).toBe(model.get(key) ?? noFlow);
      if (slot === noFlow) {
        const opened = table.open(opening(flow, scope, hashOf(flow)));
        table.endsAt[opened] = step;
        model.set(key, opened);
      } else if (random.chance(growing ? 0.3 : 0.9)) {
        table.close(slot);
        model.delete(key);
      }
      expect(table.live).toBe(model.size);
    }
    keys = flowKeys(flows);
    for (const [key, slot] of model) {
      const [flow = 0, scope = 0] = key.split(" ").map(Number);
      expect(table.find(hashOf(flow), scope, { flows, keys, flow })).toBe(slot);
      expect(table.frame[slot]).toBe(flow);
    }
  });

  it("keeps the columns of live records through growth", () => {
    const table = new FlowTable();
    const slots = Array.from({ length: 5000 }, (_, flow) => {
      const slot = table.open({
        ...opening(flow, flow % 5, flow * 31),
        admission: flow + 7,
        midStream: flow % 2 === 1,
      });
      table.touch(slot, flow % 2, flow as Micros, 100 + flow, flow);
      return slot;
    });
    expect(new Set(slots).size).toBe(5000);
    for (const [flow, slot] of slots.entries()) {
      expect(table.find(flow * 31, flow % 5, { flows, keys, flow })).toBe(slot);
      const side = slot * 2 + (flow % 2);
      expect([table.admission[slot], table.midStream[slot], table.lastSeen[slot]]).toEqual([flow + 7, flow % 2, flow]);
      expect([table.packets[side], table.bytes[side], table.payload[side]]).toEqual([1, 100 + flow, flow]);
      expect(table.packets[side ^ 1]).toBe(0);
    }
  });

  it("counts from nothing in a slot that is used again", () => {
    const table = new FlowTable();
    const first = table.open(opening(1, 0, 5));
    table.touch(first, 0, 9 as Micros, 100, 60);
    table.touch(first, 1, 9 as Micros, 100, 60);
    table.close(first);
    const second = table.open(opening(2, 0, 6));
    expect(second).toBe(first);
    expect([...table.packets.slice(second * 2, second * 2 + 2), table.bytes[second * 2]]).toEqual([0, 0, 0]);
  });

  it("sweeps every live record that ends at or before the time, and no other", () => {
    const table = new FlowTable();
    const slots = Array.from({ length: 1000 }, (_, flow) => {
      const slot = table.open(opening(flow, 0, flow));
      table.endsAt[slot] = flow;
      return slot;
    });
    for (const slot of slots.filter((_, flow) => flow % 3 === 0)) table.close(slot);
    const swept: number[] = [];
    table.sweep(500, (slot) => {
      swept.push(table.frame[slot]!);
      table.close(slot);
    });
    expect(swept.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 501 }, (_, flow) => flow).filter((flow) => flow % 3 !== 0),
    );
    expect(table.live).toBe(1000 - 334 - swept.length);
    table.sweep(Number.POSITIVE_INFINITY, (slot) => table.close(slot));
    expect(table.live).toBe(0);
  });
});
