// Rule sets against packets: a thousand rules, a third of them with service tags, compiled, beside the plain evaluator.

import {
  AddressSet,
  beginningOfTime,
  compile,
  endOfTime,
  evaluate,
  parsePrefix,
  RuleSet,
  tupleWordCount,
  unknownAddresses,
  writeTuple,
} from "../packages/engine/dist/index.js";
import { prefixText, serviceTags } from "./address-lists.mjs";
import { bestOf, keptBytes } from "./measure.mjs";
import { below, pick, randomNumbers } from "./random.mjs";

export function measureVerdicts({ seed, rules, tags, prefixes, tuples, runs }) {
  const random = randomNumbers(seed);
  const lists = serviceTags(random, { tags, prefixes });
  const names = namesOf(lists);
  const set = ruleSet(random, rules, largestFirst(lists));
  const asked = Array.from({ length: tuples }, () => packet(random, set, lists));
  const words = new Uint32Array(tuples * tupleWordCount);
  for (let index = 0; index < tuples; index++) writeTuple(asked[index], words, index * tupleWordCount);

  const seconds = bestOf(runs, () => compile(set, "inbound", names));
  const { kept: compiled, bytes } = keptBytes(() => compile(set, "inbound", names));
  const few = asked.slice(0, Math.ceil(tuples / 20));
  const rates = {
    words: tuples / bestOf(runs, () => findAll(compiled, words)),
    tuples: tuples / bestOf(runs, () => sum(asked, (tuple) => compiled.evaluate(tuple))),
    plain: few.length / bestOf(runs, () => sum(few, (tuple) => evaluate(set, "inbound", tuple, names))),
  };
  for (const tuple of few) expectEqual(compiled.evaluate(tuple), evaluate(set, "inbound", tuple, names));
  // Of a small form less may be measured than its arrays take, since other things are collected meanwhile.
  return { seconds, bytes: Math.max(bytes, compiled.bytes), rates, named: namedPrefixes(set, lists) };
}

function namedPrefixes(set, lists) {
  const tags = set.versions.flatMap(({ content }) => content.rule.source.addresses.filter((name) => lists.has(name)));
  return [...new Set(tags)].reduce((sum, tag) => sum + lists.get(tag).length, 0);
}

function findAll(compiled, words) {
  let sum = 0;
  for (let at = 0; at < words.length; at += tupleWordCount) sum += compiled.find(words, at);
  return sum;
}

function sum(tuples, ask) {
  let allowed = 0;
  for (const tuple of tuples) if (ask(tuple).decision === "allow") allowed++;
  return allowed;
}

function expectEqual(fast, plain) {
  if (fast.decision !== plain.decision || fast.decidedBy !== plain.decidedBy) throw new Error("the two disagree");
}

function namesOf(lists) {
  const sets = new Map();
  for (const [tag, list] of lists) sets.set(tag, AddressSet.ofPrefixes(list.map((text) => parsePrefix(text))));
  const serviceTag = (tag) => {
    const inside = sets.get(tag);
    return inside === undefined ? unknownAddresses : { inside, doubtful: AddressSet.none };
  };
  return { serviceTag, group: () => unknownAddresses };
}

/** People name the large tags: with these, the rules hold most of the prefixes. */
function largestFirst(lists) {
  return [...lists].sort((a, b) => b[1].length - a[1].length).map(([tag]) => tag);
}

function ruleSet(random, count, tags) {
  const contents = Array.from({ length: count }, (_, index) => rule(random, index, tags));
  contents.push(restRule(count));
  return new RuleSet("bench", "bench", contents.map(versionOf), null);
}

function rule(random, index, tags) {
  const tagged = index % 3 === 0;
  const source = tagged
    ? [tags[(index / 3) % tags.length]]
    : Array.from({ length: 1 + below(random, 4) }, () => prefixText(random));
  return {
    name: `rule-${index}`,
    description: null,
    direction: "inbound",
    access: random() < 0.4 ? "deny" : "allow",
    priority: 100 + index,
    protocol: pick(random, ["tcp", "tcp", "udp", "*"]),
    source: { addresses: source, applicationSecurityGroups: [], ports: ["*"] },
    destination: { addresses: [destination(random)], applicationSecurityGroups: [], ports: portsOf(random) },
  };
}

function destination(random) {
  return random() < 0.3 ? "*" : `10.1.${below(random, 16)}.${below(random, 256)}/${pick(random, [20, 24, 28, 32])}`;
}

function portsOf(random) {
  const first = below(random, 65_000);
  return random() < 0.7 ? [pick(random, ["22", "80", "443", "3389"]), String(first)] : [`${first}-${first + 500}`];
}

function restRule(count) {
  const side = { addresses: ["*"], applicationSecurityGroups: [], ports: ["*"] };
  const kind = { direction: "inbound", access: "deny", priority: 100 + count, protocol: "*" };
  return { name: "rest", description: null, ...kind, source: side, destination: side };
}

function versionOf(content) {
  const span = { from: beginningOfTime, to: endOfTime, recordedFrom: beginningOfTime };
  const of = { group: "bench", groupName: "bench", rule: content.name, version: 1, isDefault: false };
  return { ...of, ...span, content: { kind: "known", rule: content }, begunBy: null, endedBy: null };
}

/** Most are meant for some rule, which another one before it may take. */
function packet(random, { versions }, lists) {
  const { rule } = pick(random, versions).content;
  const meant = random() < 0.7 && rule.name !== "rest";
  return {
    protocol: meant && rule.protocol !== "*" ? { tcp: 6, udp: 17 }[rule.protocol] : pick(random, [6, 6, 6, 17, 1]),
    source: addressIn(random, meant ? prefixOf(random, rule, lists) : prefixText(random)),
    destination: addressIn(random, meant ? rule.destination.addresses[0] : "10.1.0.0/20"),
    sourcePort: 1024 + below(random, 60_000),
    destinationPort: meant ? Number(pick(random, rule.destination.ports).split("-")[0]) : below(random, 65_536),
    icmp: 0,
    portsKnown: true,
  };
}

function prefixOf(random, rule, lists) {
  const name = pick(random, rule.source.addresses);
  return lists.has(name) ? pick(random, lists.get(name)) : name;
}

/** The last word varies as far as the prefix lets it. */
function addressIn(random, text) {
  const { address, length } = parsePrefix(text === "*" ? "10.1.0.0/20" : text);
  const free = 2 ** Math.max(0, Math.min(32, 128 - length));
  return [address[0], address[1], address[2], address[3] + below(random, free)];
}
