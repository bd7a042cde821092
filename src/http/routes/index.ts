import type { CoreServer } from "../server.ts";

/** Registers the routes of the core API, one line for each area. */
export function addRoutes(_http: CoreServer): void {}
