import { giveUp, runTool } from "./run-tool.ts";

const CHECKS: readonly { name: string; tool: string; args: readonly string[]; repair: string }[] = [
  {
    name: "Format and lint",
    tool: "biome",
    args: ["check", "--error-on-warnings", "."],
    repair: 'Run "npm run format", then mend what is left.',
  },
  {
    name: "Promises and switches",
    tool: "oxlint",
    args: ["--type-aware", "--deny-warnings", "."],
    repair: "Await the promise, or cover the case.",
  },
  { name: "Types", tool: "tsc", args: ["--project", "."], repair: "Mend the types." },
];

/** Runs all static checks and ends the process when one of them fails. */
export function runStaticChecks(): void {
  const failed = CHECKS.filter(({ name, tool, args }) => {
    console.log(`${name} (${tool})`);
    return runTool(tool, args) !== 0;
  });
  if (failed.length === 0) return;
  giveUp(failed.map(({ name, repair }) => `${name} failed. ${repair}`).join("\n"));
}
