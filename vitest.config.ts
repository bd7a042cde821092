import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src", "test", "demo", "bench", "scripts"].map((folder) => `${folder}/**/*.test.ts`),
    // The first file starts one database server per run; every suite clones its own database from it.
    globalSetup: ["test/support/database-server.ts", "test/support/compile-cache.ts"],
    pool: "forks",
    // The files of a worker share its modules: loading them anew for each took half of the suite's time.
    // So a module keeps no state of its own, and a test that must change the process starts another.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
  },
});
