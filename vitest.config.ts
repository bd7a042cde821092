import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src", "test", "demo", "bench", "scripts"].map((folder) => `${folder}/**/*.test.ts`),
    // The first file starts one database server per run; every suite clones its own database from it.
    globalSetup: ["test/support/database-server.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
  },
});
