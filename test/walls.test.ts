import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** File, what it imports, and whether the walls let it: each row is one line of the file. */
const IMPORTS: readonly [file: string, specifier: string, verdict: "allowed" | "refused"][] = [
  ["src/domain/pricing/rate.ts", "../decimal.ts", "allowed"],
  ["src/domain/pricing/rate.ts", "node:crypto", "allowed"],
  ["src/domain/pricing/rate.ts", "node:fs", "refused"],
  ["src/domain/pricing/rate.ts", "kysely", "refused"],
  ["src/domain/pricing/rate.ts", "@fastify/swagger", "refused"],
  ["src/domain/pricing/rate.ts", "big.js", "refused"],
  ["src/domain/pricing/rate.ts", "../../store/rates.ts", "refused"],
  ["src/domain/pricing/rate.ts", "../../platform/clock/clock.ts", "refused"],
  ["src/domain/pricing/rate.ts", "../../config.ts", "refused"],
  ["src/domain/decimal.ts", "big.js", "allowed"],
  ["src/domain/decimal.ts", "temporal-polyfill", "refused"],
  ["src/domain/time.ts", "temporal-polyfill", "allowed"],
  ["src/domain/time.ts", "big.js", "refused"],
  ["src/app.ts", "temporal-polyfill", "refused"],
  ["src/db/database.ts", "../platform/database/database.ts", "allowed"],
  ["src/db/database.ts", "../store/rates.ts", "refused"],
  ["src/store/rates.ts", "../db/database.ts", "allowed"],
  ["src/store/rates.ts", "../platform/jobs/enqueue.ts", "allowed"],
  ["src/store/rates.ts", "../operations/bill.ts", "refused"],
  ["src/store/rates.ts", "../http/server.ts", "refused"],
  ["src/store/rates.ts", "../providers/provider.ts", "refused"],
  ["src/store/rates.ts", "../jobs/bill.ts", "refused"],
  ["src/store/rates.ts", "../collect/wire.ts", "refused"],
  ["src/store/sql/ingest.ts", "../../operations/bill.ts", "refused"],
  ["src/operations/bill.ts", "../store/rates.ts", "allowed"],
  ["src/operations/bill.ts", "../providers/provider.ts", "allowed"],
  ["src/operations/bill.ts", "../platform/jobs/enqueue.ts", "allowed"],
  ["src/operations/bill.ts", "../providers/stripe/client.ts", "refused"],
  ["src/operations/bill.ts", "../http/server.ts", "refused"],
  ["src/operations/bill.ts", "../jobs/bill.ts", "refused"],
  ["src/operations/bill.ts", "../collect/collect.ts", "refused"],
  ["src/jobs/bill.ts", "../operations/bill.ts", "allowed"],
  ["src/jobs/bill.ts", "../http/server.ts", "refused"],
  ["src/http/routes/rates.ts", "../../store/rates.ts", "allowed"],
  ["src/http/routes/rates.ts", "../../jobs/bill.ts", "refused"],
  ["src/http/routes/rates.ts", "../../providers/stripe/client.ts", "refused"],
  ["src/http/routes/rates.ts", "../../collect/collect.ts", "refused"],
  ["src/providers/provider.ts", "../domain/time.ts", "allowed"],
  ["src/providers/provider.ts", "./stripe/client.ts", "refused"],
  ["src/providers/index.ts", "./stripe/client.ts", "allowed"],
  ["src/providers/index.ts", "../store/rates.ts", "refused"],
  ["src/operations/bill.ts", "../providers/usage-reporter.ts", "allowed"],
  ["src/operations/bill.ts", "../providers/aws_marketplace/client.ts", "refused"],
  ["src/providers/aws_marketplace/client.ts", "../usage-reporter.ts", "allowed"],
  ["src/providers/aws_marketplace/client.ts", "../stripe/client.ts", "refused"],
  ["src/providers/stripe/client.ts", "../provider.ts", "allowed"],
  ["src/providers/stripe/client.ts", "./status.ts", "allowed"],
  ["src/providers/stripe/client.ts", "../../domain/time.ts", "allowed"],
  ["src/providers/stripe/client.ts", "../../platform/network/outgoing.ts", "allowed"],
  ["src/providers/stripe/client.ts", "stripe", "allowed"],
  ["src/providers/stripe/client.ts", "../quickbooks/client.ts", "refused"],
  ["src/providers/stripe/client.ts", "../../store/rates.ts", "refused"],
  ["src/providers/stripe/client.ts", "../../db/database.ts", "refused"],
  ["src/providers/stripe/client.ts", "../../operations/bill.ts", "refused"],
  ["src/providers/stripe/client.ts", "../../http/server.ts", "refused"],
  ["src/platform/migrations.ts", "./jobs/job-table.ts", "allowed"],
  ["src/platform/migrations.ts", "../store/rates.ts", "refused"],
  ["src/platform/clock/clock.ts", "../jobs/job-table.ts", "allowed"],
  ["src/platform/clock/clock.ts", "../../domain/time.ts", "allowed"],
  ["src/platform/clock/clock.ts", "../../errors.ts", "allowed"],
  ["src/platform/clock/clock.ts", "../../jobs/bill.ts", "refused"],
  ["src/platform/clock/clock.ts", "../../db/database.ts", "refused"],
  ["src/platform/database/embedded/port.ts", "../../../store/rates.ts", "refused"],
  ["src/collect/wire.ts", "../errors.ts", "allowed"],
  ["src/collect/wire.ts", "../store/rates.ts", "refused"],
  ["src/collect/store/invoices.ts", "../../platform/database/database.ts", "allowed"],
  ["src/collect/store/invoices.ts", "../db/tables.ts", "allowed"],
  ["src/collect/store/invoices.ts", "../../store/rates.ts", "refused"],
  ["src/collect/store/invoices.ts", "../http/server.ts", "refused"],
  ["src/collect/operations/pay.ts", "../store/invoices.ts", "allowed"],
  ["src/collect/operations/pay.ts", "../../platform/jobs/enqueue.ts", "allowed"],
  ["src/collect/operations/pay.ts", "../jobs/collect.ts", "refused"],
  ["src/collect/http/routes/pay.ts", "../../operations/pay.ts", "allowed"],
  ["src/collect/http/routes/pay.ts", "../../../operations/bill.ts", "refused"],
  ["src/collect/domain/totals.ts", "../../domain/decimal.ts", "allowed"],
  ["src/collect/domain/totals.ts", "../store/invoices.ts", "refused"],
  ["src/collect/db/migrations/0001.ts", "../../../platform/database/migrate.ts", "allowed"],
  ["src/collect/db/migrations/0001.ts", "../../../db/database.ts", "refused"],
];

let folder: string;
let refused: Set<string>;

interface BiomeReport {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string; readonly start: { readonly line: number } };
  }[];
}

/** Writes all rows as files, lints the folder once, and notes each refused `file:line`. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "walls-"));
  for (const name of ["biome.json", "biome-walls.json"]) {
    copyFileSync(join(ROOT, name), join(folder, name));
  }
  for (const [file, lines] of linesOf()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), lines.join("\n"));
  }
  const biome = join(ROOT, "node_modules/.bin/biome");
  const args = ["lint", "--vcs-enabled=false", "--only=style/noRestrictedImports"];
  const { stdout } = spawnSync(biome, [...args, "--max-diagnostics=none", "--reporter=json", "."], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const report = JSON.parse(stdout) as BiomeReport;
  refused = new Set(
    report.diagnostics.map(({ location }) => `${location.path}:${location.start.line}`),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function linesOf(): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const [file, specifier] of IMPORTS) {
    files.set(file, [...(files.get(file) ?? []), `import "${specifier}";`]);
  }
  return files;
}

test.each(IMPORTS)("%s imports %s: %s", (file, specifier, verdict) => {
  const line = (linesOf().get(file) ?? []).indexOf(`import "${specifier}";`) + 1;
  expect(refused.has(`${file}:${line}`)).toBe(verdict === "refused");
});
