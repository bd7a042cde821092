import { runStaticChecks } from "./static-checks.ts";

runStaticChecks();
console.log("Format, lint and types are in order.");
