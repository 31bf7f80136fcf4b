// The facts that child processes append; those of one name and number are equal.

export function smallEvent(name, number) {
  const time = 1_773_828_300_000_000 + number;
  const source = { sha256: "ab".repeat(32), record: number };
  const data = { name: `${name}-${number}`, format: "test", place: null };
  return { id: `${name}-${number}`, type: "import-started", time, lastTime: time, source, actor: null, data };
}
