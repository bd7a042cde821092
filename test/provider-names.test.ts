import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");
const NAMES = /stripe|quickbooks|\bqbo\b|aws_?marketplace/i;

/** Where the public contract itself, or the source of a rule, names a provider. */
const WIRE = [
  "app.ts",
  "config.ts",
  "domain/accounting/formats/index.ts",
  "domain/accounting/formats/quickbooks.ts",
  "domain/billing-provider.ts",
  "domain/currency.ts",
  "domain/money.ts",
  "http/routes/client-settings.ts",
  "http/routes/customers.ts",
  "http/routes/unimplemented.ts",
  "http/schemas/billing-configuration.ts",
  "http/schemas/payment-gate-fields.ts",
  "http/views/customer.ts",
  "http/views/payment-gate.ts",
];

test("a provider is named in its folder, in the wire contract and nowhere else", () => {
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.includes(".test."),
    )
    .map((entry) => relative(SRC, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith("providers/") && !path.startsWith("collect/"));
  expect(files.length).toBeGreaterThan(100);
  const naming = files.filter((path) => NAMES.test(readFileSync(join(SRC, path), "utf8")));
  expect(naming.sort()).toEqual(WIRE);
});

test("a provider is one folder and one line of the registry", () => {
  const providers = join(SRC, "providers");
  const folders = readdirSync(providers, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.length).toBeGreaterThan(1);
  const index = readFileSync(join(providers, "index.ts"), "utf8");
  const registries = index.matchAll(/(?:Provider|UsageReporter)Registry => \(\{\n([^}]*)\}\)/g);
  const lines = [...registries].flatMap(([, registry = ""]) =>
    registry.split("\n").map((line) => /^ {2}(\w+): /.exec(line)?.[1]),
  );
  expect(lines.filter((name) => name !== undefined).sort()).toEqual(folders.sort());
  for (const folder of folders) {
    const entry = new RegExp(`"\\./${folder}/(?:provider|reporter)\\.ts"`);
    const imports = index.split("\n").filter((line) => entry.test(line));
    expect(imports, folder).toHaveLength(1);
  }
});
