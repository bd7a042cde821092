import { randomBytes } from "node:crypto";
import Metronome from "@metronome/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openQuickBooks, type QuickBooks } from "../quickbooks/open-quickbooks.ts";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { type Child, spawnNode } from "../support/child.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const TOKEN = "token-of-the-killed-server";
const TIMEOUT_MS = 120_000;
const BILLED = "2026-03-02T00:00:00Z";

let database: TestDatabase;
let quickBooks: QuickBooks;
let child: Child;
let metronome: Metronome;
const credentialsKey = randomBytes(32).toString("base64");

async function start(): Promise<void> {
  child = spawnNode(["src/main.ts"], {
    ...process.env,
    PORT: "0",
    COLLECT_PORT: "off",
    DATABASE_URL: database.url,
    CREDENTIALS_KEY: credentialsKey,
    SANDBOX_API_TOKEN: TOKEN,
    QBO_API_BASE: quickBooks.apiBase,
    QBO_OAUTH_BASE: quickBooks.oauthBase,
    LOG_LEVEL: "fatal",
  });
  const baseURL = (await child.line()).replace("core ", "");
  metronome = new Metronome({ baseURL, bearerToken: TOKEN, maxRetries: 0 });
}

/** Undefined when the server died of it. */
async function send(path: string, body: unknown): Promise<Response | undefined> {
  try {
    return await fetch(`${metronome.baseURL}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return undefined;
  }
}

/** Sends the instant until the advance has arrived there; starts the server anew as often as it dies. */
async function finishAdvance(now: string): Promise<void> {
  for (;;) {
    const reply = await send("/v1/sandbox/clock", { now });
    if (reply?.status === 200) return;
    if (reply === undefined) await start();
    else expect(reply.status).toBe(409);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  database = await createTestDatabase();
  quickBooks = await openQuickBooks({ limits: false });
  await start();
  const { app, company, realmId } = quickBooks;
  const { access_token, refresh_token } = quickBooks.issueTokens();
  await send("/v1/connections", {
    provider: "quickbooks_online",
    credential: {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      access_token,
      refresh_token,
    },
    settings: {
      realm_id: realmId,
      create_items: true,
      income_account_id: company.ids.incomeAccount,
    },
  });
  await send("/v1/sandbox/clock", { now: "2026-02-10T00:00:00Z" });
}, TIMEOUT_MS);

afterAll(async () => {
  await child?.kill("SIGKILL");
  await quickBooks?.close();
  await database?.drop();
});

const kindOf = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} /${path.split("/")[4]}`;

/** Kills the server at the first call of each kind, before or after the books have heard of it. */
function killAtEach(kinds: readonly string[], when: "before" | "after"): string[] {
  const killed: string[] = [];
  quickBooks.before = async (call) => {
    const kind = kindOf(call);
    if (!kinds.includes(kind) || killed.includes(kind)) return;
    killed.push(kind);
    if (when === "before") quickBooks.trouble(`/${kind.split("/")[1]}`, "cut before");
    await child.kill("SIGKILL");
  };
  return killed;
}

/** What was made before a death is found by its number: it is not read once more. */
const KINDS = {
  before: ["POST /customer", "POST /invoice", "GET /invoice"],
  after: ["GET /query", "POST /customer", "POST /item", "POST /invoice"],
};

test.each(["before", "after"] as const)(
  "killed %s the books heard of a call, each once, and started again: one customer, one item, one document",
  async (when) => {
    const name = `Killed ${when}`;
    const product = await createUsageProduct(metronome, name);
    const card = await createRateCard(metronome, [[product, 5400]]);
    const reply = await send("/v1/customers", {
      name,
      customer_billing_provider_configurations: [
        {
          billing_provider: "quickbooks_online",
          delivery_method: "direct_to_billing_provider",
        },
      ],
    });
    if (reply === undefined) throw new Error("the server is gone");
    const { data } = (await reply.json()) as { data: { id: string } };
    const [from, to, billed] =
      when === "before"
        ? ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", BILLED]
        : ["2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"];
    if (when === "after") await finishAdvance("2026-04-10T00:00:00Z");
    await createContract(metronome, data.id, card, { starting_at: from, ending_before: to });
    await use(metronome, data.id, name, from.replace("01T", "05T"), "3");
    const kinds = KINDS[when];
    const killed = killAtEach(kinds, when);
    await finishAdvance(billed);
    expect(killed.toSorted()).toEqual(kinds.toSorted());
    const [invoice] = await listInvoices(metronome, data.id);
    const { company } = quickBooks;
    const named = (entity: "Customer" | "Item") =>
      company.list(entity).filter((each) => JSON.stringify(each).includes(name));
    expect(named("Customer")).toHaveLength(1);
    expect(named("Item")).toHaveLength(1);
    const documents = company
      .list("Invoice")
      .filter(({ PrivateNote = "" }) => PrivateNote.includes(String(invoice?.id)));
    // 3 x 54.00.
    expect(documents).toMatchObject([{ TotalAmt: 162, Balance: 162 }]);
    expect(invoice?.external_invoice).toMatchObject({
      invoice_id: documents[0]?.Id,
      external_status: "FINALIZED",
    });
  },
  TIMEOUT_MS,
);
