// Figures as text, and tables of them in Markdown.

export function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function secondsText(seconds) {
  return seconds < 0.01 ? `${(seconds * 1000).toFixed(3)} ms` : `${seconds.toFixed(3)} s`;
}

export function countText(count) {
  return count.toLocaleString("en-US");
}
