import { describe, expect, test } from "vitest";
import { awsIpRanges } from "../../src/importers/aws-ip-ranges.js";
import { azureServiceTags } from "../../src/importers/azure-service-tags.js";
import { readNamed, takenAt } from "../support/importing.js";

const tag = (name: string, addressPrefixes: readonly unknown[]) => ({
  name,
  id: name,
  properties: { changeNumber: 7, region: "", platform: "Azure", addressPrefixes, networkFeatures: ["NSG"] },
});
const weekly = {
  changeNumber: 363,
  cloud: "Public",
  values: [tag("Storage.WestUS", ["20.150.0.0/17", "13.88.144.0/28"]), tag("Sql", [])],
};

describe("service tags", () => {
  test("are a list each, dated by the name of the weekly file", async () => {
    const { events, problems } = await readNamed(
      azureServiceTags,
      "x/ServiceTags_Public_20240722.json",
      JSON.stringify(weekly),
    );
    expect(problems).toEqual([]);
    expect(events).toMatchObject([
      {
        type: "address-list-seen",
        time: Date.UTC(2024, 6, 22) * 1000,
        source: { record: 1 },
        data: {
          list: "Storage.WestUS",
          prefixes: ["13.88.144.0/28", "20.150.0.0/17"],
          edition: "363",
          instant: "stated",
        },
      },
      { source: { record: 2 }, data: { list: "Sql", prefixes: [] } },
    ]);
  });

  test("of another name have the instant of their export", async () => {
    const { events } = await readNamed(azureServiceTags, "tags.json", JSON.stringify(weekly));
    expect(events.map(({ time }) => time)).toEqual([takenAt, takenAt]);
  });

  test("in a recording are dated by the answer", async () => {
    const response = { headers: { date: ["Tue, 13 Aug 2019 02:04:11 GMT"] }, body: { string: JSON.stringify(weekly) } };
    const { events } = await readNamed(azureServiceTags, "tags.json", JSON.stringify({ interactions: [{ response }] }));
    expect(events.map(({ time }) => time)).toEqual(Array(2).fill(Date.UTC(2019, 7, 13, 2, 4, 11) * 1000));
  });

  test("that can't be read are named", async () => {
    const values = ["text", { name: "NoPrefixes" }, tag("Broken", ["10.0.0.0/8", "10.0.0.0/99"])];
    const { events, problems } = await readNamed(azureServiceTags, "tags.json", JSON.stringify({ values }));
    expect(problems).toMatchObject([
      { record: 1, message: "the record is no JSON object" },
      { record: 2, message: expect.stringContaining("`NoPrefixes` has no `name` or no `addressPrefixes`") },
      { record: 3, message: "tag `Broken`: `10.0.0.0/99` is no address or prefix" },
    ]);
    expect(events).toHaveLength(1);
  });
});

describe("Amazon's ranges", () => {
  const ranges = {
    syncToken: "1721667600",
    createDate: "2024-07-22-17-00-00",
    prefixes: [
      { ip_prefix: "3.5.140.0/22", region: "ap-northeast-2", service: "AMAZON", network_border_group: "x" },
      { ip_prefix: "3.5.140.0/22", region: "ap-northeast-2", service: "S3", network_border_group: "x" },
      { ip_prefix: "3.2.0.0/24", region: "ap-northeast-2", service: "S3", network_border_group: "x" },
    ],
    ipv6_prefixes: [{ ipv6_prefix: "2600:1f01::/40", region: "GLOBAL", service: "AMAZON", network_border_group: "x" }],
  };
  const load = (value: object) => readNamed(awsIpRanges, "ip-ranges.json", JSON.stringify(value));

  test("are a list for each service and region, dated by the file", async () => {
    const { events, problems } = await load(ranges);
    expect(problems).toEqual([]);
    expect(events.map(({ time }) => time)).toEqual(Array(3).fill(Date.UTC(2024, 6, 22, 17) * 1000));
    expect(events.map(({ data }) => data)).toEqual([
      { list: "AWS:AMAZON:ap-northeast-2", prefixes: ["3.5.140.0/22"], edition: "1721667600", instant: "stated" },
      {
        list: "AWS:S3:ap-northeast-2",
        prefixes: ["3.2.0.0/24", "3.5.140.0/22"],
        edition: "1721667600",
        instant: "stated",
      },
      { list: "AWS:AMAZON:GLOBAL", prefixes: ["2600:1f01::/40"], edition: "1721667600", instant: "stated" },
    ]);
  });

  test("that can't be read are counted", async () => {
    const { problems } = await load({ ...ranges, createDate: "soon", prefixes: [{ ip_prefix: "10.0.0.0/99" }, 7] });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("`createDate` is no time"),
      expect.stringContaining("2 ranges without service, region or prefix"),
    ]);
  });
});
