// Generators of rule sets, names and packets that meet each other: few protocols, ports and addresses, chosen where
// rules begin and end.

import fc from "fast-check";
import {
  AddressSet,
  beginningOfTime,
  endOfTime,
  type FiveTuple,
  hasPorts,
  type NameContents,
  type NamedAddresses,
  type Rule,
  type RuleContent,
  RuleSet,
  type RuleSide,
  type RuleVersion,
  unknownAddresses,
  type VersionContent,
} from "../../src/index.js";
import { address, addressSet, prefixText } from "./edge-values.js";

const tagNames = ["Storage", "storage.westeurope", "Sql", "pl-1"];
const groupNames = ["asg-web", "asg-db"];
const portTexts = ["*", "0", "1", "22", "0-21", "22-23", "23-65535", "0-32767", "32768-65535", "65535", "0-65534"];
const protocols: RuleContent["protocol"][] = ["*", "tcp", "udp", "icmp", "icmpv6", "esp", "ah", "6", "47", "0", "255"];
const icmpNumber = fc.constantFrom(null, 0, 3, 8, 255);

const wideSide: RuleSide = { addresses: ["*"], applicationSecurityGroups: [], ports: ["*"] };

/** Empty lists included: such a side matches nothing. */
const narrowSide: fc.Arbitrary<RuleSide> = fc.record({
  addresses: fc.array(fc.oneof({ weight: 3, arbitrary: prefixText }, fc.constantFrom("*", ...tagNames)), {
    maxLength: 4,
  }),
  applicationSecurityGroups: fc.array(fc.constantFrom(...groupNames), { maxLength: 2 }),
  ports: fc.oneof(fc.constant(["*"]), fc.array(fc.constantFrom(...portTexts), { maxLength: 3 })),
});

const side = fc.oneof(fc.constant(wideSide), narrowSide);

const icmpKind = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({ icmp: fc.record({ type: icmpNumber, code: icmpNumber }) }),
);

const readable: fc.Arbitrary<RuleContent> = fc
  .tuple(
    fc.record({
      name: fc.constant("rule"),
      description: fc.constant(null),
      direction: fc.constantFrom("inbound" as const, "outbound" as const),
      access: fc.constantFrom("allow" as const, "deny" as const, "always-allow" as const),
      priority: fc.integer({ min: 100, max: 112 }),
      protocol: fc.oneof(fc.constant("*" as const), fc.constantFrom(...protocols)),
      source: side,
      destination: side,
    }),
    icmpKind,
  )
  .map(([rule, kind]) => ({ ...rule, ...kind }));

const unreadable: fc.Arbitrary<Rule> = fc.record({
  name: fc.constant("rule"),
  unreadable: fc.constant("port 70000"),
  direction: fc.constantFrom("inbound" as const, null),
  access: fc.constantFrom("allow" as const, "deny" as const, null),
  priority: fc.constantFrom(null, 100, 105),
});

const settled = readable.map((content): VersionContent => ({ kind: "known", rule: content }));

const doubtful: fc.Arbitrary<VersionContent> = fc.oneof(
  { weight: 3, arbitrary: unreadable.map((content): VersionContent => ({ kind: "known", rule: content })) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("unsettled" as const),
      candidates: fc.array(fc.oneof({ weight: 5, arbitrary: readable }, unreadable, fc.constant(null)), {
        minLength: 1,
        maxLength: 3,
      }),
      because: fc.constantFrom("drift", "made anew"),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "unknown" as const, because: "nobody recorded it" }) },
);

export function versionOf(content: VersionContent, index: number): RuleVersion {
  return {
    group: "web",
    groupName: "web",
    rule: `rule-${index}`,
    version: 1,
    from: beginningOfTime,
    to: endOfTime,
    recordedFrom: beginningOfTime,
    content,
    isDefault: false,
    begunBy: null,
    endedBy: null,
  };
}

const denyAll: VersionContent = {
  kind: "known",
  rule: {
    name: "deny-all",
    description: null,
    direction: "inbound",
    access: "deny",
    priority: 65_500,
    protocol: "*",
    source: wideSide,
    destination: wideSide,
  },
};

/** Few rules, or so many that a set of clauses takes several words. */
function some(content: fc.Arbitrary<VersionContent>): fc.Arbitrary<readonly VersionContent[]> {
  return fc.oneof(fc.array(content, { maxLength: 12 }), fc.array(content, { minLength: 40, maxLength: 90 }));
}

/** Half of them without any doubt of their own. */
export const ruleSet: fc.Arbitrary<RuleSet> = fc
  .tuple(
    fc.oneof(some(settled), some(fc.oneof({ weight: 9, arbitrary: settled }, doubtful))),
    fc.constantFrom([], [denyAll]),
    fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constant("never seen whole")),
    fc.constantFrom("network-security-group" as const, "security-group" as const),
  )
  .map(([contents, last, incomplete, kind]) => {
    const versions = [...contents, ...last].map(versionOf);
    return new RuleSet("web", "web", versions, incomplete, { kind });
  });

const known = addressSet.map((inside): NamedAddresses => ({ inside, doubtful: AddressSet.none }));
const halfKnown = fc.record({ inside: addressSet, doubtful: addressSet });

/** Names that are all known, or known, known in part and not known. */
export const nameContents: fc.Arbitrary<NameContents> = fc.oneof(
  namesOf(known),
  namesOf(fc.oneof(known, halfKnown, fc.constant(unknownAddresses))),
);

function namesOf(contents: fc.Arbitrary<NamedAddresses>): fc.Arbitrary<NameContents> {
  const names = [...tagNames, ...groupNames];
  return fc.array(contents, { minLength: names.length, maxLength: names.length }).map((meant) => {
    const of = (name: string) => meant[names.indexOf(name)]!;
    return { serviceTag: of, group: of };
  });
}

const port = fc.constantFrom(0, 1, 21, 22, 23, 24, 32_767, 32_768, 65_534, 65_535);

export const fiveTuple: fc.Arbitrary<FiveTuple> = fc
  .record({
    protocol: fc.constantFrom(6, 6, 17, 1, 58, 50, 51, 132, 47, 0, 255),
    source: address,
    destination: address,
    sourcePort: port,
    destinationPort: port,
    icmp: fc
      .tuple(fc.constantFrom(0, 3, 8, 255), fc.constantFrom(0, 1, 3, 255))
      .map(([type, code]) => type * 256 + code),
    portsKnown: fc.constantFrom(true, true, true, false),
  })
  .map((packet) => (hasPorts(packet.protocol) ? packet : { ...packet, sourcePort: 0, destinationPort: 0 }));
