import { describe, expect, it } from "vitest";
import { FlowRoom } from "../../src/flow/flow-room.js";
import { FlowTable } from "../../src/flow/flow-table.js";
import { type Micros, newPacket } from "../../src/index.js";
import { FlowDictionaryBuilder } from "../../src/traffic/flow-dictionary.js";
import { flowKeys } from "../../src/traffic/flow-keys.js";
import { Random } from "../support/random.js";

const { flow } = newPacket();
const builder = new FlowDictionaryBuilder();
for (flow.sourcePort = 0; flow.sourcePort < 500; flow.sourcePort++) builder.add(flow);
const flows = builder.finish();

describe("the room for flow records", () => {
  it.each([1, 7, 60])("is that of a model that counts live records of each holder: %i at most", (maxFlows) => {
    const random = new Random(5);
    const table = new FlowTable();
    const close = (slot: number) => {
      room.leave(table.scope[slot]!, slot);
      table.close(slot);
    };
    // scopes 0 and 1 are one holder's
    const room = new FlowRoom({ table, maxFlows, holderOf: (scope) => scope >> 1, close });
    const model = new Map<number, { readonly holder: number; ends: number }>();
    const turnedAway = new Set<boolean>();
    for (let step = 0; step < 6000; step++) {
      const time = (step >> 3) as Micros;
      for (const [key, { ends }] of model) if (ends <= time) model.delete(key);
      const [key, scope] = [random.below(500), random.below(4)];
      const keys = flowKeys(flows);
      const slot = table.find(key, scope, { flows, keys, flow: key });
      const isLive = slot >= 0 && table.endsAt[slot]! > time;
      const ends = time + 1 + random.below(random.pick([2, 90]));
      if (isLive) {
        if (ends < table.endsAt[slot]!) room.hasten(slot, ends);
        table.endsAt[slot] = ends;
        model.get(key * 4 + scope)!.ends = ends;
      } else {
        if (slot >= 0) close(slot);
        const holder = scope >> 1;
        const held = [...model.values()].filter((record) => record.holder === holder).length;
        expect(room.isLeft(scope, time), `step ${step}`).toBe(held < maxFlows);
        turnedAway.add(held >= maxFlows);
        if (held >= maxFlows) continue;
        const opening = { time, source: 0, frame: 0, originator: 0, direction: 0, admission: 0, semantics: 0 };
        const opened = { scope, flows, flow: key, keys, hash: key, untracked: false, midStream: false, ...opening };
        const made = table.open(opened);
        table.endsAt[made] = ends;
        room.enter(scope, made);
        model.set(key * 4 + scope, { holder, ends });
      }
      if (random.chance(0.002)) {
        table.sweep(time, close);
        room.relax();
      }
    }
    expect(turnedAway).toEqual(new Set([false, true]));
  });
});
