import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (name: string) => fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      "@conntrail/engine": source("engine"),
      "@conntrail/store": source("store"),
      "@conntrail/replay": source("replay"),
    },
  },
  test: { include: ["packages/*/test/**/*.test.ts"], testTimeout: 240_000 },
});
