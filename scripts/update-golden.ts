import { writeFileSync } from "node:fs";
import { rateScenario, scenarioFile, scenarios } from "../test/golden/scenario.ts";

/** Rates every golden scenario anew and writes its invoices. Review the diff line by line. */
for (const scenario of scenarios()) {
  const { json, text } = rateScenario(scenario);
  writeFileSync(scenarioFile(scenario, "invoice.json"), json);
  writeFileSync(scenarioFile(scenario, "invoice.txt"), text);
  process.stdout.write(`${scenario}\n`);
}
