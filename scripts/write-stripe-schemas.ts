import { writeFileSync } from "node:fs";
import { withStripePackage } from "./stripe/open-package.ts";
import { responseSchemas } from "./stripe/response-schemas.ts";

/*
 * Writes test/collect/stripe-schemas.json: what the `stripe` package's types promise of every object
 * that Collect answers with, as JSON Schema. Run it again when the package changes:
 * `node scripts/write-stripe-schemas.ts`.
 */
const TARGET = "test/collect/stripe-schemas.json";
const schemas = withStripePackage(responseSchemas);
writeFileSync(TARGET, `${JSON.stringify(schemas)}\n`);
process.stdout.write(`${TARGET}: ${Object.keys(schemas.definitions).length} types\n`);
