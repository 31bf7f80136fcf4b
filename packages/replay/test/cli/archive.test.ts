import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import { cloudtrailRecord, groupId } from "../support/cloudtrail.js";
import { conntrail, exampleEvidence, json, newCase, temporaryDirectory, verified } from "../support/conntrail.js";

const call = (port: number) =>
  cloudtrailRecord({
    eventName: "AuthorizeSecurityGroupIngress",
    requestParameters: {
      groupId,
      ipPermissions: {},
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      cidrIp: "0.0.0.0/0",
    },
  });
const trail = (...ports: readonly number[]) => JSON.stringify({ Records: ports.map(call) });

const files: Readonly<Record<string, string | Buffer>> = {
  "AWSLogs/111122223333/CloudTrail/one.json.gz": gzipSync(trail(22, 23)),
  "AWSLogs/111122223333/CloudTrail/two.json": trail(80),
  "three.json": trail(443),
};

function directoryWith(content: Readonly<Record<string, string | Buffer>>): string {
  const directory = temporaryDirectory();
  for (const [name, bytes] of Object.entries(content)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  }
  return directory;
}

const logs = directoryWith(files);
const junk = { "__MACOSX/._three.json": "junk", ".DS_Store": "junk", "AWSLogs/.hidden": "junk" };
const withJunk = directoryWith({ ...files, ...junk });
symlinkSync(join(logs, "three.json"), join(withJunk, "link.json"));

async function tar(content: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const packed = pack();
  for (const [name, body] of Object.entries(content)) packed.entry({ name }, Buffer.from(body));
  packed.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packed) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function zip(directory: string, ...options: readonly string[]): Buffer {
  const path = join(temporaryDirectory(), "made.zip");
  execFileSync("zip", ["-q", "-r", ...options, path, "."], { cwd: directory });
  return readFileSync(path);
}

const hasZip = !("error" in attempt(() => execFileSync("zip", ["-v"], { stdio: "ignore" })));

function attempt(action: () => unknown): object {
  try {
    action();
    return {};
  } catch (error) {
    return { error };
  }
}

type Report = {
  readonly name: string;
  readonly added: number;
  readonly problems: readonly { readonly message: string }[];
};

function imported(path: string, directory = newCase()) {
  const ran = conntrail(["import", path, "--case", directory, "-o", "json"]);
  return { ran, directory, reports: json<{ files: Report[] }>(ran).files };
}

function archive(name: string, bytes: Buffer): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, bytes);
  return path;
}

describe("an archive is opened as if it were a directory", async () => {
  const plain = imported(logs);
  const names = Object.keys(files).sort();
  const made: readonly (readonly [string, () => Promise<Buffer> | Buffer])[] = [
    ["logs.tar", () => tar({ ...files, ...junk })],
    ["logs.tgz", async () => gzipSync(await tar({ ...files, ...junk }))],
    [
      "logs.tar.gz",
      async () => gzipSync(await tar(Object.fromEntries(Object.entries(files).map(([n, b]) => [`./${n}`, b])))),
    ],
    ["a name that says nothing", async () => gzipSync(await tar(files))],
    ...(hasZip
      ? ([
          ["logs.zip", () => zip(withJunk)],
          ["stored.zip", () => zip(withJunk, "-0")],
          ["links.zip", () => zip(withJunk, "-y")],
        ] as const)
      : []),
  ];
  test.each(made)("%s", async (name, bytes) => {
    const path = archive(name, await bytes());
    const { ran, directory, reports } = imported(path);
    const found = reports.map((report) => report.name).sort();
    expect(found.filter((own) => !own.endsWith("link.json"))).toEqual(names.map((own) => `${path}/${own}`));
    expect(ran.code, ran.err).toBe(0);
    expect(verified(directory).viewsDigest).toBe(verified(plain.directory).viewsDigest);
  });

  test("archives lie in archives, in directories too", async () => {
    const inner = gzipSync(await tar(files));
    const directory = directoryWith({ "more/outer.tar": await tar({ "inner.tgz": inner }) });
    const { reports, ran } = imported(directory);
    expect(ran.code, ran.err).toBe(0);
    expect(reports.map(({ name }) => name).sort()).toEqual(
      names.map((own) => `${directory}/more/outer.tar/inner.tgz/${own}`),
    );
  });

  test("no temporary file stays", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("conntrail-input-"));
    imported(archive("logs.tar", await tar(files)));
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("conntrail-input-"))).toEqual(before);
  });
});

describe("of a broken archive what is good is kept, and the rest is named", () => {
  test("cut in the middle", async () => {
    const path = archive(
      "cut.tgz",
      gzipSync(await tar({ "a.json": trail(1), "b.json": trail(2), "c.json": randomTrail() })),
    );
    truncateSync(path, readFileSync(path).length - 2000);
    const { ran, reports } = imported(path);
    expect(ran.code).toBe(1);
    expect(reports.filter(({ added }) => added > 0).length).toBeGreaterThanOrEqual(2);
    expect(ran.err).toMatch(/cut\.tgz.*(can't be read on|broken)/);
  });

  test.skipIf(!hasZip)("a zip archive without its end, an encrypted member", () => {
    const cut = archive("cut.zip", zip(logs).subarray(0, 500));
    expect(imported(cut).ran).toMatchObject({
      code: 65,
      err: expect.stringMatching(/cut\.zip: the zip archive is broken/),
    });
    const locked = archive("locked.zip", zip(logs, "-P", "secret"));
    const { ran } = imported(locked);
    expect(ran.err).toMatch(/locked\.zip\/three\.json: it is encrypted/);
  });

  test.skipIf(!hasZip)("one broken member among good ones", () => {
    const bytes = zip(logs, "-0");
    bytes.write("XXXX", bytes.lastIndexOf("PK\x03\x04"));
    const { ran, reports } = imported(archive("broken.zip", bytes));
    expect(ran.code, ran.err).toBe(1);
    expect(reports.filter(({ added }) => added > 0)).toHaveLength(2);
  });

  test("an empty archive, and one too deep", async () => {
    let deep = await tar(files);
    for (let level = 0; level < 4; level++) deep = await tar({ "in.tar": deep });
    const { ran, directory } = imported(archive("deep.tar", deep));
    expect(ran).toMatchObject({ code: 65, err: expect.stringMatching(/archives lie in each other too deep/) });
    expect(conntrail(["import", "--problems", "--case", directory])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/in\.tar +- +unreadable +archives lie in each other too deep/),
    });
  });
});

function randomTrail(): string {
  const noise = Array.from({ length: 200 }, (_, index) => createHash("sha256").update(String(index)).digest("hex"));
  return JSON.stringify({ Records: [{ ...call(3), noise }] });
}

describe("log show --source", () => {
  type Shown = {
    names: string[];
    sha256: string;
    record: number;
    offset: number;
    raw: unknown;
    missing: string | null;
  };
  const shown = (directory: string, position: number) =>
    json<Shown>(conntrail(["log", "show", String(position), "--source", "--case", directory, "-o", "json"]));
  const written = (directory: string) =>
    json<{ position: number; type: string; source: { offset?: number } }[]>(
      conntrail(["log", "--case", directory, "-o", "json"]),
    ).filter(({ type }) => type === "security-rule-written");

  test("prints the record of a file, also of one in an archive", async () => {
    for (const path of [
      join(logs, "AWSLogs/111122223333/CloudTrail/one.json.gz"),
      archive("l.tgz", gzipSync(await tar(files))),
    ]) {
      const { directory } = imported(path);
      for (const { position, source } of written(directory)) {
        const answer = shown(directory, position);
        expect(answer.missing).toBeNull();
        expect(answer.offset).toBe(source.offset);
        expect(answer.raw).toMatchObject({ eventName: "AuthorizeSecurityGroupIngress" });
      }
    }
  });

  test("prints a packet's bytes and what was read of it", () => {
    const { directory } = imported(join(exampleEvidence, "capture.pcap"));
    const events = json<{ position: number; type: string }[]>(conntrail(["log", "--case", directory, "-o", "json"]));
    const { position } = events.find(({ type }) => type === "packets-observed")!;
    const capture = readFileSync(join(exampleEvidence, "capture.pcap"));
    for (const index of ["0", "7"]) {
      const ran = conntrail(["log", "show", `${position}.${index}`, "--source", "--case", directory, "-o", "json"]);
      const { offset, raw, record, packet } = json<Shown & { packet: { frame: number } }>(ran);
      expect(capture.toString("hex", offset, offset + raw!.toString().length / 2)).toBe(raw);
      expect(packet.frame).toBe(record);
    }
  });

  test("says where to look when the file is gone or has changed", () => {
    const copy = temporaryDirectory();
    cpSync(join(logs, "three.json"), join(copy, "three.json"));
    const { directory } = imported(join(copy, "three.json"));
    const { position } = written(directory)[0]!;
    writeFileSync(join(copy, "three.json"), trail(1));
    expect(shown(directory, position)).toMatchObject({ missing: "changed", record: 1, raw: null });
    rmSync(join(copy, "three.json"));
    expect(shown(directory, position)).toMatchObject({ missing: "gone", record: 1, offset: 12, raw: null });
  });
});
