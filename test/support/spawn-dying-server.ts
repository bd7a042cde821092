import { type Child, spawnNode } from "./child.ts";

/** What a server that is to die is started with. */
export interface DyingServer {
  readonly databaseUrl: string;
  readonly credentialsKey: Buffer;
  /** Its sandbox token. */
  readonly token: string;
  /** The fault point at which it kills itself, and at which of its hits. */
  readonly point: string;
  readonly hit?: number;
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a server that kills itself at a fault point. Its first line is its address. */
export const spawnDyingServer = (options: DyingServer): Child =>
  spawnNode(["test/support/dying-server.ts", options.point, String(options.hit ?? 1)], {
    ...process.env,
    PORT: "0",
    COLLECT_PORT: "0",
    DATABASE_URL: options.databaseUrl,
    CREDENTIALS_KEY: options.credentialsKey.toString("base64"),
    SANDBOX_API_TOKEN: options.token,
    ALLOW_PRIVATE_NETWORK: "1",
    LOG_LEVEL: "fatal",
    ...options.env,
  });
