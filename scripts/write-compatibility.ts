import { readFileSync, writeFileSync } from "node:fs";
import { readCompatibility } from "./stripe/compatibility.ts";
import { compatibilityPage } from "./stripe/compatibility-page.ts";
import { withStripePackage } from "./stripe/open-package.ts";

/*
 * Writes docs/collect-compatibility.md anew. Run it when an endpoint's parameters or the `stripe`
 * package change: `node scripts/write-compatibility.ts`.
 */
const TARGET = "docs/collect-compatibility.md";
const { version } = JSON.parse(readFileSync("node_modules/stripe/package.json", "utf8"));
writeFileSync(TARGET, compatibilityPage(withStripePackage(readCompatibility), version));
process.stdout.write(`${TARGET}\n`);
