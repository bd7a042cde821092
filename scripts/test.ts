import { findOrInstallChromium } from "./chromium.ts";
import { giveUp, runTool } from "./run-tool.ts";
import { runStaticChecks } from "./static-checks.ts";

// The static checks, then every test, the browser's included; arguments go on to vitest.
runStaticChecks();
let chromium: string;
try {
  chromium = findOrInstallChromium();
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error));
}
process.exitCode = runTool("vitest", ["run", ...process.argv.slice(2)], {
  CHROMIUM_PATH: chromium,
});
