import { expect, it } from "vitest";
import { FlowIdHash } from "../../src/index.js";

it("a flow id is `f-` and 13 characters of Crockford's base 32, and never changes", () => {
  const id = new FlowIdHash().text("capture").number(1_773_835_200_000_000).finish();
  expect(id).toMatch(/^f-[0-9a-hjkmnp-tv-z]{13}$/);
  expect(id).toBe(new FlowIdHash().text("capture").number(1_773_835_200_000_000).finish());
});

it("a flow id of 64 bits begins with a character of 0 to f", () => {
  for (let number = 0; number < 1000; number++) {
    expect(new FlowIdHash().number(number).finish()[2]).toMatch(/[0-9a-f]/);
  }
});

it("neighbouring flows have different ids, in their first 40 bits too", () => {
  const ids = Array.from({ length: 200_000 }, (_, number) =>
    new FlowIdHash()
      .text("capture")
      .text("nic")
      .number(number >> 8)
      .number(number & 255)
      .finish(),
  );
  expect(new Set(ids).size).toBe(ids.length);
  const short = new Set(ids.map((id) => id.slice(0, 10)));
  expect(ids.length - short.size).toBeLessThan(100);
});

it("text and numbers do not run into each other", () => {
  const ids = [
    new FlowIdHash().text("ab").text("c").finish(),
    new FlowIdHash().text("a").text("bc").finish(),
    new FlowIdHash().text("abc").text("").finish(),
    new FlowIdHash().number(1).number(0).finish(),
    new FlowIdHash().number(0).number(1).finish(),
    new FlowIdHash().number(2 ** 32).finish(),
    new FlowIdHash().number(0).finish(),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
