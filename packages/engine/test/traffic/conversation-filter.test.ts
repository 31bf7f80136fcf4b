import { expect, test } from "vitest";
import {
  addressAt,
  type Conversation,
  conversationFilter,
  type FlowDictionary,
  FlowDictionaryBuilder,
  mayHold,
} from "../../src/index.js";
import { Random } from "../support/random.js";

function dictionary(random: Random, count: number): FlowDictionary {
  const builder = new FlowDictionaryBuilder();
  for (let flow = 0; flow < count; flow++) {
    const words = Uint32Array.from([0, 0, 0xffff, random.below(2 ** 32), 0, 0, 0xffff, 0x0a000000 + random.below(256)]);
    const [sourcePort, destinationPort] = [random.below(65_536), random.pick([0, 22, 443])];
    builder.add({ words, protocol: random.pick([6, 17]), sourcePort, destinationPort, icmp: 0 });
  }
  return builder.finish();
}

/** As a question may name it: either end first, with ports or without. */
function asked(flows: FlowDictionary, flow: number, random: Random): Conversation {
  const end = random.below(2);
  const portOf = (which: number) => (random.below(3) === 0 ? null : flows.ports[flow * 2 + which]!);
  const [a, b] = [addressAt(flows, flow, end), addressAt(flows, flow, 1 - end)];
  return { protocol: flows.protocols[flow]!, a, b, portA: portOf(end), portB: portOf(1 - end) };
}

test("it knows every flow of its batch, however it is named", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Random(seed);
    const flows = dictionary(random, 1 + random.below(500));
    const filter = conversationFilter(flows);
    for (let flow = 0; flow < flows.count; flow++) {
      const conversation = asked(flows, flow, random);
      expect(mayHold(filter, conversation), JSON.stringify(conversation)).toBe(true);
    }
  }
});

test("it knows what shows no ports as part of every connection between the two", () => {
  const random = new Random(1);
  const builder = new FlowDictionaryBuilder();
  const words = Uint32Array.from([0, 0, 0xffff, 1, 0, 0, 0xffff, 2]);
  builder.add({ words, protocol: 17, sourcePort: 0, destinationPort: 0, icmp: 0 });
  const flows = builder.finish();
  const filter = conversationFilter(flows);
  const whole = asked(flows, 0, random);
  expect(mayHold(filter, { ...whole, portA: 5000, portB: 53 })).toBe(true);
  expect(mayHold(filter, { ...whole, protocol: 6 })).toBe(false);
});

test("it takes few strangers for its own", () => {
  const random = new Random(7);
  const filter = conversationFilter(dictionary(random, 4000));
  const strangers = dictionary(random, 20_000);
  let taken = 0;
  for (let flow = 0; flow < strangers.count; flow++) {
    const ends = { a: addressAt(strangers, flow, 0), b: addressAt(strangers, flow, 1) };
    const [portA, portB] = [strangers.ports[flow * 2]!, strangers.ports[flow * 2 + 1]!];
    if (mayHold(filter, { protocol: strangers.protocols[flow]!, ...ends, portA, portB })) taken++;
  }
  expect(taken / strangers.count).toBeLessThan(0.02);
});
