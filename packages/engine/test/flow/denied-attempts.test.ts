import { describe, expect, it } from "vitest";
import { DeniedAttempts, tellDenied } from "../../src/flow/denied-attempts.js";
import type { Address, Micros, RuleVersion } from "../../src/index.js";
import { Random } from "../support/random.js";

const version = { group: "nsg", rule: "deny", isDefault: false, version: 1 } as RuleVersion;

type Told = Parameters<DeniedAttempts["tallyOf"]>[0];

const attempt: Told = {
  interface: "/nics/web",
  interfaceName: "web",
  direction: "inbound",
  protocol: 6,
  source: [0, 0, 0xffff, 1],
  destination: [0, 0, 0xffff, 2],
  destinationPort: 22,
  decidedBy: version,
};

function counts(denied: DeniedAttempts): number[] {
  return Array.from(denied.rows, ({ count }) => count);
}

function tell(denied: DeniedAttempts, told: Told, time = 5): void {
  tellDenied(denied.tallyOf(told), time as Micros);
}

describe("denied attempts", () => {
  it.each<[string, Partial<Told>]>([
    ["interface", { interface: "/nics/db" }],
    ["direction", { direction: "outbound" }],
    ["protocol", { protocol: 17 }],
    ["source", { source: [0, 0, 0xffff, 3] }],
    ["destination", { destination: [1, 0, 0xffff, 2] }],
    ["port", { destinationPort: 23 }],
    ["version", { decidedBy: { ...version, version: 2 } }],
    ["rule", { decidedBy: { ...version, rule: "deny-all" } }],
    ["kind of rule", { decidedBy: { ...version, isDefault: true } }],
  ])("are rows of their own where the %s differs", (_, other) => {
    const denied = new DeniedAttempts();
    for (const told of [attempt, { ...attempt, ...other }, attempt]) tell(denied, told);
    expect(counts(denied)).toEqual([2, 1]);
  });

  it("are one row where spelling of the interface and maker of the version differ", () => {
    const denied = new DeniedAttempts();
    tell(denied, attempt);
    tell(denied, { ...attempt, interface: "/NICS/Web", decidedBy: { ...version } });
    expect(counts(denied)).toEqual([2]);
  });

  it("have the first and the last time, in whatever order they are told", () => {
    const denied = new DeniedAttempts();
    for (const time of [7, 3, 9, 5]) tell(denied, attempt, time);
    expect(denied.rows).toMatchObject([{ first: 3, last: 9, count: 4 }]);
  });

  it("are counted as a map counts them, among thousands", () => {
    const random = new Random(5);
    const denied = new DeniedAttempts();
    const model = new Map<string, number>();
    for (let step = 0; step < 20_000; step++) {
      const source: Address = [0, 0, 0xffff, random.below(300)];
      const destinationPort = random.below(20);
      const key = `${source[3]} ${destinationPort}`;
      tell(denied, { ...attempt, source, destinationPort });
      model.set(key, (model.get(key) ?? 0) + 1);
    }
    const found = Array.from(denied.rows, (row) => [`${row.source[3]} ${row.destinationPort}`, row.count]);
    expect(new Map(found as [string, number][])).toEqual(model);
  });
});
