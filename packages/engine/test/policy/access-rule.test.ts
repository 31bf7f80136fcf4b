import { describe, expect, it } from "vitest";
import { accessRuleKind, readAccessRuleDescription, readAccessRuleName } from "../../src/index.js";
import { rule } from "../support/control-events.js";

const hash = "9EF6964F0A0B4C3D9EF6964F0A0B4C3D";

describe("the name of a rule of just-in-time access", () => {
  it.each<[string, string, string, number]>([
    [`SecurityCenter-JITRule_-1105480617_${hash}`, "SecurityCenter", "policy", -1_105_480_617],
    [`SecurityCenter-JITRule-1170687618-${hash}`, "SecurityCenter", "grant", 1_170_687_618],
    [`SecurityCenter-JITRule--1170687618-${hash}`, "SecurityCenter", "grant", -1_170_687_618],
    [`MicrosoftDefenderForCloud-JITRule_12_${hash}`, "MicrosoftDefenderForCloud", "policy", 12],
    [`MicrosoftDefenderForCloud-JITRule-12-${hash}`, "MicrosoftDefenderForCloud", "grant", 12],
    [`MICROSOFTDEFENDERFORCLOUD-JITRULE-12-${hash.toLowerCase()}`, "MicrosoftDefenderForCloud", "grant", 12],
  ])("[A23] %s is of %s, for a %s", (name, brand, kind, number) => {
    expect(readAccessRuleName(name)).toEqual({ brand, kind, number, hash });
  });

  it.each([
    `SecurityCenter-JITRule-2147483648-${hash}`,
    `SecurityCenter-JITRule-12-${hash.slice(1)}`,
    `SecurityCenter-JITRule-12-${hash.replace("9", "G")}`,
    `UserRule_SecurityCenter-JITRule-12-${hash}`,
    "SecurityCenter-JITRule",
    "allow-ssh",
  ])("is not %s", (name) => {
    expect(readAccessRuleName(name)).toBeNull();
  });

  it.each<[string, string | null]>([
    [`100 SecurityCenter-JITRule-12-${hash} inbound allow tcp * * -> * 22`, "grant"],
    [`1000 SecurityCenter-JITRule_12_${hash} inbound deny tcp * * -> * 22`, "policy"],
    [`100 SecurityCenter-JITRule-12-${hash} inbound deny tcp * * -> * 22`, null],
    [`100 SecurityCenter-JITRule_12_${hash} inbound allow tcp * * -> * 22`, null],
    ["100 ssh inbound allow tcp * * -> * 22", null],
  ])("[A13] counts only where the access agrees: %s", (text, kind) => {
    expect(accessRuleKind(rule(text))).toBe(kind);
  });
});

describe("the description of a rule of just-in-time access [A13]", () => {
  it.each<[string, object | null]>([
    [
      "ASC JIT Network Access rule for policy 'default' of VM 'X'.",
      { kind: "policy", policyName: "default", machineName: "X" },
    ],
    [
      "ASC JIT Network Access rule created by an initiation request for policy 'default' of VM 'WIN'.",
      { kind: "grant", policyName: "default", machineName: "WIN" },
    ],
    [
      "MDC JIT Network Access rule created by an initiation request for policy 'a' of VM 'b'.",
      { kind: "grant", policyName: "a", machineName: "b" },
    ],
    ["JIT for X", null],
  ])("%s", (text, read) => {
    expect(readAccessRuleDescription(text)).toEqual(read);
  });
});
