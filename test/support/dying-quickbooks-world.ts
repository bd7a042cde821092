import { randomBytes } from "node:crypto";
import Metronome from "@metronome/sdk";
import { expect } from "vitest";
import { openQuickBooks, type QuickBooks } from "../quickbooks/open-quickbooks.ts";
import { type Child, spawnNode } from "./child.ts";
import { createTestDatabase } from "./database.ts";

const TOKEN = "token-of-the-killed-server";

export interface SpawnedServer {
  readonly child: Child;
  readonly url: string;
}

/** A server in a process of its own whose QuickBooks is the stand-in. */
export async function spawnQuickBooksServer(
  quickBooks: Pick<QuickBooks, "apiBase" | "oauthBase">,
  given: { readonly databaseUrl: string; readonly credentialsKey: string; readonly token: string },
): Promise<SpawnedServer> {
  const child = spawnNode(["src/main.ts"], {
    ...process.env,
    PORT: "0",
    COLLECT_PORT: "off",
    DATABASE_URL: given.databaseUrl,
    CREDENTIALS_KEY: given.credentialsKey,
    SANDBOX_API_TOKEN: given.token,
    QBO_API_BASE: quickBooks.apiBase,
    QBO_OAUTH_BASE: quickBooks.oauthBase,
    LOG_LEVEL: "fatal",
  });
  return { child, url: (await child.line()).replace("core ", "") };
}

/** A server in a process of its own that is killed and started again, connected with a stand-in for QuickBooks. */
export interface DyingQuickBooksWorld {
  readonly quickBooks: QuickBooks;
  /** Of the server that runs now. */
  metronome(): Metronome;
  /** Undefined when the server died of it. */
  send(method: string, path: string, body?: unknown): Promise<Response | undefined>;
  /** Sends the instant until the advance has arrived there; starts the server anew as often as it dies. */
  finishAdvance(now: string): Promise<void>;
  /** Kills the server at the first call of each kind ("POST /invoice"), before or after the books have heard of it. */
  killAtEach(kinds: readonly string[], when: "before" | "after"): string[];
  close(): Promise<void>;
}

const kindOf = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} /${path.split("/")[4]}`;

/** Opens one, connected with tokens that were given by hand; items are made. */
export async function openDyingQuickBooksWorld(): Promise<DyingQuickBooksWorld> {
  const database = await createTestDatabase();
  const quickBooks = await openQuickBooks({ limits: false });
  const credentialsKey = randomBytes(32).toString("base64");
  let child: Child;
  let metronome: Metronome;

  async function start(): Promise<void> {
    const spawned = await spawnQuickBooksServer(quickBooks, {
      databaseUrl: database.url,
      credentialsKey,
      token: TOKEN,
    });
    child = spawned.child;
    metronome = new Metronome({ baseURL: spawned.url, bearerToken: TOKEN, maxRetries: 0 });
  }

  async function send(method: string, path: string, body?: unknown): Promise<Response | undefined> {
    try {
      return await fetch(`${metronome.baseURL}${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      return undefined;
    }
  }

  await start();
  const { app, company, realmId } = quickBooks;
  const { access_token, refresh_token } = quickBooks.issueTokens();
  await send("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      access_token,
      refresh_token,
    },
    settings: {
      realm_id: realmId,
      requests_per_second: 100,
      create_items: true,
      income_account_id: company.ids.incomeAccount,
    },
  });
  return {
    quickBooks,
    metronome: () => metronome,
    send,
    async finishAdvance(now) {
      for (;;) {
        const reply = await send("POST", "/v1/sandbox/clock", { now });
        if (reply?.status === 200) return;
        if (reply === undefined) await start();
        else expect(reply.status).toBe(409);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    killAtEach(kinds, when) {
      const killed: string[] = [];
      quickBooks.before = async (call) => {
        const kind = kindOf(call);
        if (!kinds.includes(kind) || killed.includes(kind)) return;
        killed.push(kind);
        if (when === "before") quickBooks.trouble(`/${kind.split("/")[1]}`, "cut before");
        await child.kill("SIGKILL");
      };
      return killed;
    },
    async close() {
      await child.kill("SIGKILL");
      await quickBooks.close();
      await database.drop();
    },
  };
}
