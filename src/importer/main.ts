import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import { openCore } from "../open-core.ts";
import type { OperationContext } from "../operations/context.ts";
import { createLogger } from "../platform/logger.ts";
import { createOutgoing } from "../platform/network/outgoing.ts";
import { getEnvironment } from "../store/environments.ts";
import { fileKind } from "./file-kind.ts";
import { openTable } from "./read-table.ts";
import { runContracts } from "./run-contracts.ts";
import { runInvoices } from "./run-invoices.ts";

const USAGE = `Usage: npm run import -- INVOICES.csv --contract-map MAP.csv [--preview] [--environment SANDBOX|PRODUCTION]
       npm run import -- CONTRACTS.csv --contract-map MAP.csv [--preview] [--environment SANDBOX|PRODUCTION]
A file of contracts writes the map that a file of invoices reads. Columns and rules are in docs/import.md.`;

const RUNS = { contracts: runContracts, invoices: runInvoices };

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "contract-map": { type: "string" },
      environment: { type: "string", default: "SANDBOX" },
      preview: { type: "boolean", default: false },
    },
  });
  const [file] = positionals;
  const environment = values.environment.toUpperCase();
  const map = values["contract-map"];
  if (file === undefined || positionals.length > 1 || map === undefined) throw new Error(USAGE);
  if (environment !== "SANDBOX" && environment !== "PRODUCTION") throw new Error(USAGE);
  return { file, map, environment, preview: values.preview } as const;
}

async function run(closers: (() => Promise<unknown>)[]): Promise<void> {
  const { file, environment: name, ...choice } = readArguments();
  const table = openTable(file);
  const kind = fileKind(table);
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const { db, vault, clock } = await openCore(config, logger, closers);
  const outgoing = createOutgoing({ allowPrivateNetwork: false, trustedHosts: () => [] });
  const services = {
    clock,
    vault,
    outgoing,
    logger,
    publicUrl: () => "",
    providers: {},
    usageReporters: {},
  };
  const environment = await getEnvironment(db, name);
  const now = await clock.now(name);
  const ctx: OperationContext = { db, environment, now, actor: "import", services };
  if (!(await RUNS[kind](ctx, table, choice))) process.exitCode = 1;
}

const closers: (() => Promise<unknown>)[] = [];
try {
  await run(closers);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  for (const close of closers.reverse()) await close();
}
