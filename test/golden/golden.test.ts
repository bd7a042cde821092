import { describe, expect, test } from "vitest";
import { rateScenario, readScenarioFile, scenarios } from "./scenario.ts";

/**
 * Invoices reviewed as text. Each scenario's notes.md derives its figures by hand. After an
 * intended change run `node scripts/update-golden.ts` and explain every line of the diff.
 */
describe.each(scenarios())("%s", (scenario) => {
  const rated = rateScenario(scenario);
  test("rates to the reviewed statement", () => {
    expect(rated.text).toBe(readScenarioFile(scenario, "invoice.txt"));
  });
  test("rates to the same values, traces included", () => {
    expect(JSON.parse(rated.json)).toEqual(JSON.parse(readScenarioFile(scenario, "invoice.json")));
  });
});

test("there are scenarios", () => {
  expect(scenarios().length).toBeGreaterThan(0);
});
