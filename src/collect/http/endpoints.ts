import type { Endpoint } from "./endpoint.ts";

/** Every endpoint that Collect answers. Static paths stand before their siblings with parameters. */
export const endpoints: readonly Endpoint[] = [];
