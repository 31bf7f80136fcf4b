import fc from "fast-check";
import { expect, it } from "vitest";
import { TimerQueue } from "../src/timer-queue.js";

it("timers come out in the order of their times, and of one time in the order in which they were set", () => {
  const times = fc.array(fc.oneof(fc.nat(20), fc.constant(null)), { maxLength: 60 });
  fc.assert(
    fc.property(times, (steps) => {
      const queue = new TimerQueue<{ time: number; order: number }>();
      let waiting: { time: number; order: number }[] = [];
      steps.forEach((time, order) => {
        if (time === null) {
          queue.remove();
          waiting = waiting.slice(1);
        } else {
          queue.add({ time, order });
          waiting = [...waiting, { time, order }].sort((a, b) => a.time - b.time || a.order - b.order);
        }
        expect(queue.next).toEqual(waiting[0]);
      });
    }),
  );
});
