// Files of resources and calls as they come to harm: cut, doubled, in another order, with a bad record among the good
// ones, or written by another hand. What is good is kept, and the rest is named by its number.

import { describe, expect, test } from "vitest";
import { allImporters } from "../../src/importers/all-importers.js";
import type { Draft } from "../../src/importers/importer.js";
import { cloudtrailRecord, groupId, permission, ruleItem } from "../support/cloudtrail.js";
import { type Read, readWith } from "../support/importing.js";

const network = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network";

function write(index: number): object {
  return {
    time: `2026-03-18T10:0${index}:00Z`,
    resourceId: `${network}/networkSecurityGroups/nsg/securityRules/rule-${index}`,
    operationName: "Microsoft.Network/networkSecurityGroups/securityRules/delete",
    category: "Administrative",
    resultType: "Success",
    correlationId: `c${index}`,
  };
}

function authorization(index: number): object {
  return cloudtrailRecord({
    eventName: "AuthorizeSecurityGroupIngress",
    requestParameters: { groupId, ipPermissions: { items: [permission(index, "203.0.113.7/32")] } },
    responseElements: { securityGroupRuleSet: { items: [ruleItem(index, "203.0.113.7/32", `sgr-${index}`)] } },
    eventID: `event-${index}`,
    requestID: `request-${index}`,
  });
}

function group(index: number): object {
  return { id: `${network}/networkSecurityGroups/nsg-${index}`, name: `nsg-${index}`, securityRules: [] };
}

function awsGroup(index: number): object {
  return { GroupId: `sg-0a1b2c3d4e5f607${index}0`, GroupName: `g${index}`, VpcId: "vpc-1", IpPermissions: [] };
}

function tag(index: number): object {
  return { name: `Sql.Region${index}`, properties: { addressPrefixes: [`10.${index}.0.0/16`] } };
}

type Shape = {
  readonly format: string;
  readonly title: string;
  readonly record: (index: number) => object;
  readonly before: string;
  readonly between: string;
  readonly after: string;
};

const array = { before: "[", between: ",\n", after: "]" };
const lines = { before: "", between: "\n", after: "\n" };
const under = (key: string) => ({ before: `{"${key}":[`, between: ",", after: "]}" });

/** Each record in these stands alone: a cut or a bad one takes no other along. */
const shapes: readonly Shape[] = [
  { format: "azure-activity-log", title: "an array", record: write, ...array },
  { format: "azure-activity-log", title: "lines", record: write, ...lines },
  { format: "azure-activity-log", title: "records", record: write, ...under("records") },
  { format: "azure-activity-log", title: "value", record: write, ...under("value") },
  { format: "aws-cloudtrail", title: "Records", record: authorization, ...under("Records") },
  { format: "aws-cloudtrail", title: "lines", record: authorization, ...lines },
  { format: "aws-cloudtrail", title: "an array", record: authorization, ...array },
  { format: "azure-resource", title: "an array", record: group, ...array },
  { format: "azure-resource", title: "value", record: group, ...under("value") },
  { format: "aws-resource", title: "an array", record: awsGroup, ...array },
];

/** One document, of which a part would tell that the rest is not there. */
const wholes: readonly Shape[] = [
  { format: "aws-resource", title: "SecurityGroups", record: awsGroup, ...under("SecurityGroups") },
  { format: "azure-service-tags", title: "values", record: tag, ...under("values") },
];

const count = 5;
const numbers = Array.from({ length: count }, (_, index) => index + 1);

function textsOf({ record }: Shape): string[] {
  return numbers.map((index) => JSON.stringify(record(index)));
}

function fileOf({ before, between, after }: Shape, records: readonly string[]): string {
  return `${before}${records.join(between)}${after}`;
}

async function readAs({ format }: Shape, content: string): Promise<Read> {
  const importer = allImporters.find((own) => own.format === format)!;
  const [whole, inPieces] = await Promise.all([readWith(importer, content), readWith(importer, content, 7)]);
  expect(inPieces).toEqual(whole);
  return whole;
}

/** What an event's id is made of: not where it stood. */
function contents(events: readonly Draft[]): string[] {
  return [...new Set(events.map(({ source: _, ...event }) => JSON.stringify(event)))].sort();
}

async function expected(shape: Shape, kept: readonly number[] = numbers): Promise<string[]> {
  const texts = textsOf(shape).filter((_, index) => kept.includes(index + 1));
  return contents((await readAs(shape, fileOf(shape, texts))).events);
}

const named = ({ format, title }: Shape) => [`${format}, ${title}`] as const;
const all = [...shapes, ...wholes].map((shape) => [...named(shape), shape] as const);
const alone = shapes.map((shape) => [...named(shape), shape] as const);

const unharmed: readonly (readonly [string, (shape: Shape, texts: readonly string[]) => string])[] = [
  ["with a byte order mark", (shape, texts) => `\uFEFF${fileOf(shape, texts)}`],
  ["with CRLF", (shape, texts) => fileOf({ ...shape, between: `${shape.between.trim()}\r\n` }, texts)],
  ["with blank lines", (shape, texts) => `\n\n${fileOf({ ...shape, between: `${shape.between}\n\n` }, texts)}\n\n`],
  ["in reverse", (shape, texts) => fileOf(shape, [...texts].reverse())],
  [
    "with each record twice",
    (shape, texts) =>
      fileOf(
        shape,
        texts.flatMap((text) => [text, text]),
      ),
  ],
  ["doubled", (shape, texts) => fileOf(shape, texts).repeat(2)],
  ["doubled, a line between", (shape, texts) => `${fileOf(shape, texts)}\n${fileOf(shape, texts)}`],
];

describe.each(all)("%s", (_, shape) => {
  test.each(unharmed)("%s says the same, without a problem", async (__, harm) => {
    const { events, problems } = await readAs(shape, harm(shape, textsOf(shape)));
    expect(contents(events)).toEqual(await expected(shape));
    expect(problems).toEqual([]);
  });

  test("pretty-printed says the same", async () => {
    const pretty = numbers.map((index) => JSON.stringify(shape.record(index), null, 4));
    const { events, problems } = await readAs(shape, fileOf(shape, pretty));
    expect(contents(events)).toEqual(await expected(shape));
    expect(problems).toEqual([]);
  });
});

describe.each(alone)("%s", (_, shape) => {
  const texts = textsOf(shape);

  test("with a comma behind the last record says the same, without a problem", async () => {
    const { events, problems } = await readAs(shape, fileOf({ ...shape, after: `,${shape.after}` }, texts));
    expect(contents(events)).toEqual(await expected(shape));
    expect(problems).toEqual([]);
  });

  test.each([
    ["no JSON", '{"a": nonsense}'],
    ["a number", "7"],
    ["a text", '"text"'],
    ["an object of nothing", "{}"],
    ["a list", "[1]"],
  ])("a record that is %s is named, and all others are kept", async (__, bad) => {
    const { events, problems } = await readAs(shape, fileOf(shape, [...texts.slice(0, 2), bad, ...texts.slice(2)]));
    expect(contents(events)).toEqual(await expected(shape));
    expect(problems.map(({ record }) => record)).toEqual([3]);
  });

  test("cut anywhere inside the fourth record keeps the three before, and names the cut", async () => {
    const start = fileOf(shape, texts.slice(0, 3)).length - shape.after.length + shape.between.length;
    const whole = fileOf(shape, texts);
    for (const into of [1, 10, Math.floor(texts[3]!.length / 2), texts[3]!.length - 1]) {
      const { events, problems } = await readAs(shape, whole.slice(0, start + into));
      expect(contents(events)).toEqual(await expected(shape, [1, 2, 3]));
      expect(problems.map(({ record }) => record)).toEqual([4]);
    }
  });
});

describe.each(wholes.map((shape) => [...named(shape), shape] as const))("%s", (_, shape) => {
  test("cut in the middle shows nothing, since a part would show that the rest is not there", async () => {
    const whole = fileOf(shape, textsOf(shape));
    const { events, problems } = await readAs(shape, whole.slice(0, -30));
    expect(events).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});
