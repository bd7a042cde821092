import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import { openCore } from "../open-core.ts";
import { createLogger } from "../platform/logger.ts";
import { getEnvironment } from "../store/environments.ts";
import { verifyEnvironment } from "./verify-environment.ts";

const USAGE = "Usage: npm run verify -- [--environment SANDBOX|PRODUCTION]";
const ENVIRONMENTS = ["PRODUCTION", "SANDBOX"] as const;

/** The environments to look at: the one that was named, else both. */
function readEnvironments(): readonly (typeof ENVIRONMENTS)[number][] {
  const { values } = parseArgs({ options: { environment: { type: "string" } } });
  if (values.environment === undefined) return ENVIRONMENTS;
  const named = ENVIRONMENTS.filter((name) => name === values.environment?.toUpperCase());
  if (named.length === 0) throw new Error(USAGE);
  return named;
}

async function run(closers: (() => Promise<unknown>)[]): Promise<void> {
  const names = readEnvironments();
  const config = readConfig(process.env);
  const { db } = await openCore(config, createLogger(config.logLevel), closers);
  for (const name of names) {
    const environment = await getEnvironment(db, name);
    const { invoiceCount, findings } = await verifyEnvironment(db, environment.id, (count) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${count} invoices`);
    });
    if (process.stderr.isTTY) process.stderr.write("\r");
    for (const { what, fault } of findings) console.log(`${name}: ${what}: ${fault}`);
    console.log(`${name}: ${invoiceCount} invoices verified, ${findings.length} faults`);
    if (findings.length > 0) process.exitCode = 1;
  }
}

const closers: (() => Promise<unknown>)[] = [];
try {
  await run(closers);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
} finally {
  for (const close of closers.reverse()) await close();
}
