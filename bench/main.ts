import { type BenchServer, startBenchServer } from "./bench-server.ts";
import { benchBillingRun } from "./billing-run.ts";
import { benchCollect } from "./collect.ts";
import { benchDelivery } from "./delivery.ts";
import { benchDrafts } from "./drafts.ts";
import { benchExplain } from "./explain.ts";
import { benchExport } from "./export.ts";
import { benchImport } from "./import.ts";
import { benchIngest } from "./ingest.ts";
import { benchQuickBooks } from "./quickbooks.ts";
import { benchRating } from "./rating.ts";
import { benchTestClock } from "./test-clock.ts";

/** Every benchmark by name, in the order they run: `npm run bench -- ingest` runs one. */
const BENCHES: Record<string, () => Promise<void>> = {
  rating: async () => benchRating(),
  ingest: () => withServer(benchIngest),
  drafts: () => withServer(benchDrafts),
  "billing-run": () => withServer(benchBillingRun),
  delivery: benchDelivery,
  quickbooks: benchQuickBooks,
  import: () => withServer(benchImport),
  explain: () => withServer(benchExplain),
  collect: () => withServer(benchCollect),
  export: benchExport,
  "test-clock": () => withServer(benchTestClock),
};

/** Runs a benchmark against a server of its own. */
async function withServer(run: (server: BenchServer) => Promise<void>): Promise<void> {
  const server = await startBenchServer();
  try {
    await run(server);
  } finally {
    await server.close();
  }
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(
    `No benchmark ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}\n`,
  );
  process.exit(1);
}

for (const [name, run] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
