import { describe, expect, it } from "vitest";
import { aws, azure, type Semantics, semanticSettingNames, withSetting } from "../../src/index.js";

const second = 1_000_000;

describe("NS: a setting for what no source says", () => {
  const table: readonly (readonly [string, (semantics: Semantics) => unknown, unknown])[] = [
    ["rules=reevaluate", ({ onChange }) => onChange.rules, "reevaluate"],
    ["associations=reevaluate", ({ onChange }) => onChange.associations, "reevaluate"],
    ["memberships=reevaluate", ({ onChange }) => onChange.memberships, "reevaluate"],
    ["address-lists=reevaluate", ({ onChange }) => onChange["address-lists"], "reevaluate"],
    ["address-lists=keep", ({ onChange }) => onChange["address-lists"], "keep"],
    ["mid-stream=drop", ({ midStream }) => midStream, "drop"],
    ["closing=time-out", ({ closing }) => closing, "time-out"],
    ["linger=30", ({ tcpMicros }) => [tcpMicros.TIME_WAIT, tcpMicros.CLOSE], [30 * second, 30 * second]],
    ["tcp-idle=600", ({ tcpMicros }) => tcpMicros.ESTABLISHED, 600 * second],
    ["udp-idle=60", ({ udp }) => [udp.firstMicros, udp.streamMicros], [60 * second, 60 * second]],
    ["icmp-idle=20", ({ icmpMicros }) => icmpMicros, 20 * second],
    ["other-idle=20", ({ otherMicros }) => otherMicros, 20 * second],
  ];
  for (const [text, read, value] of table) {
    it(`${text} changes that, and the name says so`, () => {
      const set = withSetting(azure, text)!;
      expect(read(set)).toEqual(value);
      expect(set.name).toBe(`azure, ${text}`);
    });
  }

  it("is there for every name in the table", () => {
    expect(new Set(table.map(([text]) => text.split("=")[0]))).toEqual(new Set(semanticSettingNames));
  });

  it.each(["udp-idle=0", "udp-idle=soon", "associations=perhaps", "colour=red", "udp-idle", ""])(
    "refuses `%s`",
    (text) => {
      expect(withSetting(aws, text)).toBeNull();
    },
  );
});
