import { assertNodeVersion } from "./platform/node-version.ts";

assertNodeVersion();
const { runServer } = await import("./server-process.ts");
await runServer(process.env);
