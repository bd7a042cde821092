import { basename } from "node:path";
import { parseArgs } from "node:util";
import { billUsageFile } from "./bill-usage-file.ts";
import { findDifferences } from "./outcome.ts";
import { play } from "./play.ts";
import { out, printOutcome, printPrices } from "./print.ts";
import { type RunningProduct, startProduct } from "./product.ts";
import { sampleMonth } from "./sample-month.ts";
import type { Scenario } from "./scenario.ts";
import { readUsageFile } from "./usage-file.ts";

const USAGE = "npm run demo -- [--usage FILE.csv] [--exit]";

function readScenario(file: string | undefined): Scenario {
  return file === undefined ? sampleMonth() : billUsageFile(readUsageFile(file), basename(file));
}

async function run(product: RunningProduct, scenario: Scenario): Promise<boolean> {
  printPrices(scenario);
  const billed = await play(product, scenario);
  printOutcome(scenario, billed);
  const differences = findDifferences(scenario, billed);
  for (const difference of differences) out(`WRONG  ${difference}`);
  if (differences.length === 0) out("Every total agrees, here and in Collect.");
  return differences.length === 0;
}

function keepServing(product: RunningProduct): void {
  out();
  out(`See the invoices at ${product.url}/ with the token ${product.sandboxToken}`);
  out("Ctrl-C stops the demo.");
  const stop = () => void product.close().then(() => process.exit(0));
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { usage: { type: "string" }, exit: { type: "boolean", default: false } },
  });
  const scenario = readScenario(values.usage);
  const product = await startProduct();
  let right = false;
  try {
    right = await run(product, scenario);
  } catch (error) {
    await product.close();
    throw error;
  }
  if (right && !values.exit) return keepServing(product);
  await product.close();
  process.exit(right ? 0 : 1);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The demo failed: ${message}\nUsage: ${USAGE}\n`);
  if (process.env.DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
