// A year of rule edits: the history rebuilt from its events, and the rule set at random instants.

import { buildPolicyHistory } from "../packages/engine/dist/index.js";
import { prefixText } from "./address-lists.mjs";
import { bestOf, seconds } from "./measure.mjs";
import { below, pick, randomNumbers } from "./random.mjs";

const begin = Date.UTC(2025, 10, 21) * 1000;
const year = 365 * 86_400e6;
const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg";

export function measureHistory({ seed, rules, edits, asks, runs }) {
  const random = randomNumbers(seed);
  const events = yearOfEdits(random, rules, edits);
  const built = bestOf(runs, () => buildPolicyHistory(events));
  const history = buildPolicyHistory(events).groups.get(group.toLowerCase());
  const instants = Array.from({ length: asks }, () => begin + below(random, year));
  const spent = instants.map((time) => seconds(() => history.ruleSetAt(time))).sort((a, b) => a - b);
  const at = (share) => spent[Math.floor(share * (spent.length - 1))];
  return { built, versions: history.versions.length, median: at(0.5), p95: at(0.95), worst: at(1) };
}

/** A whole sighting first, then writes and some deletions; of each operation the record of its start and of its success. */
function yearOfEdits(random, rules, edits) {
  const names = Array.from({ length: rules }, (_, index) => index);
  const there = new Set(names.slice(0, Math.floor(rules / 2)));
  const shown = [...there].map((index) => rule(random, index));
  const facts = [{ time: begin, type: "security-group-seen", data: groupSeen(shown) }];
  for (let edit = 0; edit < edits; edit++) {
    const index = pick(random, names);
    const time = Math.floor(begin + ((edit + random()) * year) / edits);
    facts.push(...operation(time, edit, changeOf(random, index, there)));
  }
  return facts.map((fact, index) => event(fact, index));
}

function groupSeen(rules) {
  const empty = { defaultRules: [], subnets: [], interfaces: [], flushConnection: null };
  return { group, name: "nsg", rules, ...empty, instant: "stated" };
}

/** Half of the rules are there at any time. */
function changeOf(random, index, there) {
  const ruleName = `rule-${index}`;
  if (there.has(index) && random() < 0.5) {
    there.delete(index);
    return { type: "security-rule-deleted", effect: null, body: { ruleName } };
  }
  const effect = there.has(index) ? "updated" : "created";
  there.add(index);
  return { type: "security-rule-written", effect, body: { ruleName, rule: rule(random, index) } };
}

function operation(time, number, { type, effect, body }) {
  const operationId = `operation-${number}`;
  const record = (phase, after) => ({ time: time + after, type, data: { ...body, group, operationId, ...phase } });
  return [record({ phase: "started", effect: null }, 0), record({ phase: "succeeded", effect }, 900_000)];
}

function rule(random, index) {
  const side = (address, port) => ({ addresses: [address], applicationSecurityGroups: [], ports: [port] });
  return {
    name: `rule-${index}`,
    description: null,
    direction: index % 2 === 0 ? "inbound" : "outbound",
    access: random() < 0.4 ? "deny" : "allow",
    priority: 100 + index,
    protocol: "tcp",
    source: side(prefixText(random), "*"),
    destination: side("10.1.0.4", String(below(random, 65_536))),
  };
}

function event({ time, type, data }, index) {
  const id = `event-${String(index).padStart(6, "0")}`;
  const actor = { who: "somebody", from: null, correlationId: `correlation-${index >> 1}` };
  const source = { sha256: "0".repeat(64), record: index + 1 };
  return { id, type, time, lastTime: time, source, actor, position: index + 1, data };
}
