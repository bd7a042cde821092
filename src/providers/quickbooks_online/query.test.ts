import { expect, test } from "vitest";
import type { Outgoing } from "../../platform/network/outgoing.ts";
import { atMost } from "../../platform/rate/at-most.ts";
import { PAGE, queryCompany, quoted } from "./query.ts";

test.each([
  ["Acme", "'Acme'", "a plain text stands between quotes"],
  ["", "''", "and so does none"],
  ["Amy's Bird Sanctuary", "'Amy\\'s Bird Sanctuary'", "a quote is escaped, never doubled"],
  ["a\\", "'a\\\\'", "a backslash at the end does not swallow the closing quote"],
  ["\\' or Id > '0", "'\\\\\\' or Id > \\'0'", "nothing in a name becomes part of the query"],
  ["50% off_", "'50% off_'", "what LIKE knows is plain text elsewhere"],
])("%j is written %s: %s", (text, written) => {
  expect(quoted(text)).toBe(written);
});

const connection = {
  id: "connection",
  environment: "SANDBOX",
  builtIn: false,
  credential: { access_token: "a" },
  settings: { realm_id: "1" },
} as const;

/** Asks a company that gives this answer. */
async function ask(status: number, body: string) {
  const asked: URL[] = [];
  const outgoing: Pick<Outgoing, "request"> = {
    request: async (_method, url) => {
      asked.push(new URL(url));
      return { status, headers: {}, body };
    },
  };
  const parts = {
    outgoing: outgoing as Outgoing,
    hosts: { api: "https://company.example", oauth: undefined },
    gate: { pass: async () => {}, pause: async () => {} },
    calls: atMost(1),
  };
  const rest = `where DisplayName = 'A' maxresults ${PAGE}`;
  const rows = await queryCompany(parts, connection, "Customer", rest);
  return { rows, query: asked.map(({ searchParams }) => searchParams.get("query")) };
}

test.each<[string, string, object[]]>([
  ["rows", '{"QueryResponse":{"Customer":[{"Id":"1"}],"maxResults":1}}', [{ Id: "1" }]],
  ["none: there is no key then", '{"QueryResponse":{},"time":"2026-01-01T00:00:00Z"}', []],
  ["rows of another kind", '{"QueryResponse":{"Item":[{"Id":"1"}]}}', []],
  ["no response at all", "{}", []],
  ["what is no list", '{"QueryResponse":{"Customer":{"Id":"1"}}}', []],
])("an answer of %s", async (_name, body, rows) => {
  const query = [`select * from Customer where DisplayName = 'A' maxresults ${PAGE}`];
  expect(await ask(200, body)).toEqual({ rows, query });
});

test.each<[string, number, string, string]>([
  [
    "a query that it does not understand",
    400,
    '{"Fault":{"Error":[{"Message":"x","code":"4001"}]}}',
    "quickbooks_4001",
  ],
  ["a fault under status 200", 200, '{"Fault":{"Error":[{"code":"610"}]}}', "quickbooks_610"],
])("%s throws", async (_name, status, body, code) => {
  await expect(ask(status, body)).rejects.toMatchObject({ name: "ProviderReadError", code });
});
