import { runServer } from "./server-process.ts";

await runServer();
