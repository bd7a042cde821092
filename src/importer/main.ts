import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import { toText } from "../domain/decimal.ts";
import { productStateAt } from "../domain/pricing/product-history.ts";
import { openCore } from "../open-core.ts";
import type { OperationContext } from "../operations/context.ts";
import { createLogger } from "../platform/logger.ts";
import { createOutgoing } from "../platform/network/outgoing.ts";
import { getEnvironment } from "../store/environments.ts";
import { listProductPage, toProduct } from "../store/products.ts";
import { type ImportOutcome, importFile } from "./import-file.ts";
import { type Refusal, readContractMap, readInvoices } from "./read-invoices.ts";

const USAGE = `Usage: npm run import -- INVOICES.csv --contract-map MAP.csv [--preview] [--environment SANDBOX|PRODUCTION]
Columns and rules are in docs/import.md.`;
const MOST_SHOWN = 20;
/** More than any catalogue has. */
const MOST_PRODUCTS = 1_000_000;

const out = (line: string): void => void process.stdout.write(`${line}\n`);

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

/** Ids of the environment's products by id and by name; null where several have a name. */
async function productNames({ db, environment, now }: OperationContext) {
  const all = { after: undefined, limit: MOST_PRODUCTS };
  const filter = { environmentId: environment.id, archived: "NOT_ARCHIVED" as const, ...all };
  const products = (await listProductPage(db, filter)).map(toProduct);
  const names = new Map<string, string | null>(products.map(({ id }) => [id, id]));
  for (const { id, versions } of products) {
    const { name } = productStateAt(versions, now);
    names.set(name, names.has(name) ? null : id);
  }
  return names;
}

function report(outcome: ImportOutcome, refusals: readonly Refusal[], preview: boolean): void {
  const { imported, lines, alreadyThere, total, compared } = outcome;
  out(
    `${preview ? "Would be imported" : "Imported"}: ${imported} invoices, ${lines} lines, total ${toText(total)}`,
  );
  if (alreadyThere > 0) out(`Already there: ${alreadyThere} invoices`);
  if (compared.count > 0) {
    out(
      `Compared: ${compared.count} invoices, here ${toText(compared.total)}, billed ${toText(compared.billed)}; ${compared.differing.length} differ`,
    );
    for (const { invoice, difference } of compared.differing.slice(0, MOST_SHOWN)) {
      out(`  invoice ${invoice}: ${toText(difference)}`);
    }
    if (compared.differing.length > MOST_SHOWN) {
      out(`  and ${compared.differing.length - MOST_SHOWN} more`);
    }
  }
  if (refusals.length > 0) out(`Refused: ${refusals.length} invoices`);
  for (const { rows, invoice, reason } of refusals) {
    out(`  row ${rows.join(", ")}, invoice ${invoice}: ${reason}`);
  }
}

/** Says on standard error how far it is, once a second at most. */
function progress(total: number): (done: number) => void {
  let last = performance.now();
  return (done) => {
    if (done < total && performance.now() - last < 1000) return;
    last = performance.now();
    process.stderr.write(`${done} of ${total} invoices\n`);
  };
}

async function run(closers: (() => Promise<unknown>)[]): Promise<void> {
  const { file, map, environment: name, preview } = readArguments();
  const contracts = readContractMap(map);
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const { db, vault, clock } = await openCore(config, logger, closers);
  const outgoing = createOutgoing({ allowPrivateNetwork: false, trustedHosts: () => [] });
  const services = { clock, vault, outgoing, logger, publicUrl: () => "", providers: {} };
  const environment = await getEnvironment(db, name);
  const now = await clock.now(name);
  const ctx: OperationContext = { db, environment, now, actor: "import", services };
  const read = readInvoices(file, { contracts, products: await productNames(ctx) });
  const onProgress = progress(read.invoices.length);
  const outcome = await importFile(ctx, read.invoices, { preview, onProgress });
  const refusals = [...read.refusals, ...outcome.refusals];
  report(outcome, refusals, preview);
  if (refusals.length > 0) process.exitCode = 1;
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
