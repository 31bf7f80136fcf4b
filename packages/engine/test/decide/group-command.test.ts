import { describe, expect, it, test } from "vitest";
import { addGroup, associateGroup, dissociateGroups, setGroupFlush } from "../../src/index.js";
import { groupSeen, interfaceSeen, networkSeen } from "../support/control-events.js";
import { type Command, given } from "../support/decisions.js";

const add =
  (name: string, flush = false): Command =>
  (state) =>
    addGroup(state, { name, flush });
const flush =
  (group: string, on: boolean): Command =>
  (state) =>
    setGroupFlush(state, { group, flush: on });
const associate =
  (group: string, gate: "interface" | "subnet", name: string): Command =>
  (state) =>
    associateGroup(state, { group, target: { gate, name } });
const dissociate =
  (gate: "interface" | "subnet", name: string): Command =>
  (state) =>
    dissociateGroups(state, { target: { gate, name } });

describe("group add", () => {
  it("makes an empty group with a readable id, that was not there before", () => {
    const { facts } = given().when("10:00", add("web"));
    const data = { group: "local/networkSecurityGroups/web", name: "web", rules: [], begins: true };
    expect(facts).toMatchObject([{ type: "security-group-seen", data }]);
    expect(given().and("10:00", add("web")).when("09:59", flush("web", true)).refusal).toMatchObject({
      refused: "unknown-resource",
    });
  });

  it("takes a full id as it is", () => {
    const id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web";
    expect(given().when("10:00", add(id)).facts).toMatchObject([{ data: { group: id, name: "web" } }]);
  });

  it("adds nothing where the group is there", () => {
    const made = given().and("10:00", add("web"));
    expect(made.when("10:00", add("web")).remarks).toEqual([{ remark: "already-so" }]);
    expect(made.when("11:00", add("WEB")).remarks).toEqual([{ remark: "already-so" }]);
  });

  it("is refused where a group of the name looks different", () => {
    expect(given(groupSeen("09:00", [])).when("10:00", add("web", true)).refusal).toEqual({
      refused: "exists",
      kind: "group",
      id: "web",
    });
  });

  it("is refused for a bad name", () => {
    expect(given().when("10:00", add("a b")).refusal).toEqual({ refused: "bad-name", name: "a b" });
  });
});

describe("group set --flush", () => {
  const group = groupSeen("09:00", []);

  it("writes the switch, and nothing where it stands so", () => {
    const on = given(group).when("10:00", flush("web", true));
    expect(on.facts).toMatchObject([{ type: "setting-written", data: { setting: "flushConnection", value: true } }]);
    expect(given(...on.events).when("11:00", flush("web", true)).remarks).toEqual([{ remark: "already-so" }]);
    expect(given(...on.events).when("11:00", flush("web", false)).facts).toHaveLength(1);
  });

  it("is refused for an AWS security group, which has no such switch", () => {
    const aws = groupSeen("09:00", [], { group: "sg-1", name: "sg-1", kind: "security-group" });
    expect(given(aws).when("10:00", flush("sg-1", true)).refusal).toMatchObject({ refused: "wrong-kind" });
  });
});

describe("group associate", () => {
  const evidence = [
    groupSeen("09:00", []),
    groupSeen("09:00", [], { group: "db", name: "db" }),
    interfaceSeen("09:00", "nic-1"),
    networkSeen("09:00", "vnet", { subnets: { "subnet-1": "web" } }),
  ];

  it("puts the group before an interface where none stands", () => {
    const { facts, remarks } = given(...evidence).when("10:00", associate("web", "interface", "nic-1"));
    const data = { gate: "interface", target: "nic-1", groups: ["web"], phase: "succeeded" };
    expect(facts).toMatchObject([{ type: "association-written", data }]);
    expect(remarks).toEqual([]);
  });

  it("replaces the group that stands there, and says which", () => {
    const { facts, remarks } = given(...evidence).when("10:00", associate("db", "subnet", "subnet-1"));
    expect(facts).toMatchObject([{ data: { gate: "subnet", target: "subnet-1", groups: ["db"] } }]);
    expect(remarks).toEqual([{ remark: "replaced", gate: "subnet", target: "subnet-1", groups: ["web"] }]);
  });

  it("adds nothing where the group stands there, by snapshot or by an earlier command", () => {
    const one = given(...evidence).when("10:00", associate("web", "subnet", "subnet-1"));
    expect(one.remarks).toEqual([{ remark: "already-so" }]);
    const other = given(...evidence).and("10:00", associate("web", "interface", "nic-1"));
    expect(other.when("11:00", associate("web", "interface", "nic-1")).remarks).toEqual([{ remark: "already-so" }]);
  });

  it("sees what a later snapshot shows, and not what was put there before it", () => {
    const moved = given(...evidence).and("10:00", associate("web", "interface", "nic-1"));
    const seen = interfaceSeen("11:00", "nic-1", { group: "db" });
    const events = [...moved.when("12:00", dissociate("interface", "nic-1")).events, seen];
    expect(
      given(...events.filter(({ time }) => time <= seen.time)).when("11:30", associate("web", "interface", "nic-1"))
        .remarks,
    ).toEqual([{ remark: "replaced", gate: "interface", target: "nic-1", groups: ["db"] }]);
  });

  it("joins the other security groups of an AWS interface", () => {
    const groups = ["sg-1", "sg-2"].map((id) =>
      groupSeen("09:00", [], { group: id, name: id, kind: "security-group" }),
    );
    const one = given(...evidence, ...groups).and("10:00", associate("sg-1", "interface", "nic-1"));
    const { facts, remarks } = one.when("11:00", associate("sg-2", "interface", "nic-1"));
    expect(facts).toMatchObject([{ data: { groups: ["sg-1", "sg-2"] } }]);
    expect(remarks).toEqual([]);
    expect(one.when("11:00", associate("sg-2", "subnet", "subnet-1")).refusal).toMatchObject({ refused: "wrong-kind" });
  });

  test.each([
    ["group", associate("x", "interface", "nic-1"), ["db", "web"]],
    ["interface", associate("web", "interface", "x"), ["nic-1"]],
    ["subnet", associate("web", "subnet", "x"), ["subnet-1"]],
  ])("is refused for an unknown %s, and names those that there are", (kind, command, known) => {
    expect(given(...evidence).when("10:00", command).refusal).toEqual({
      refused: "unknown-resource",
      kind,
      name: "x",
      known,
    });
  });

  it("is refused at the very instant of another association there", () => {
    const one = given(...evidence).and("10:00", associate("web", "interface", "nic-1"));
    expect(one.when("10:00", associate("db", "interface", "nic-1")).refusal).toMatchObject({
      refused: "edited-at-this-instant",
    });
  });
});

describe("group dissociate", () => {
  const evidence = [groupSeen("09:00", []), interfaceSeen("09:00", "nic-1", { group: "web" })];

  it("leaves the interface without group", () => {
    const { facts, events } = given(...evidence).when("10:00", dissociate("interface", "nic-1"));
    expect(facts).toMatchObject([{ type: "association-written", data: { target: "nic-1", groups: [] } }]);
    expect(given(...events).when("11:00", dissociate("interface", "nic-1")).remarks).toEqual([
      { remark: "already-so" },
    ]);
  });

  it("is refused for an unknown interface", () => {
    expect(given(...evidence).when("10:00", dissociate("interface", "x")).refusal).toMatchObject({
      refused: "unknown-resource",
    });
  });
});
