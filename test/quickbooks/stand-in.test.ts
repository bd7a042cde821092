import { afterAll, beforeAll, expect, test } from "vitest";
import { openQuickBooks, type QuickBooks } from "./open-quickbooks.ts";

let quickBooks: QuickBooks;
beforeAll(async () => {
  quickBooks = await openQuickBooks({ limits: false, redirectUris: ["http://localhost/cb"] });
});
afterAll(() => quickBooks.close());

test("a person who agrees gives a code that is good once, for one address", async () => {
  const url = new URL("/connect/oauth2", quickBooks.oauthBase);
  for (const [name, value] of Object.entries({
    client_id: quickBooks.app.clientId,
    redirect_uri: "http://localhost/cb",
    response_type: "code",
    scope: "com.intuit.quickbooks.accounting",
    state: "s-1",
  })) {
    url.searchParams.set(name, value);
  }
  const back = new URL(await quickBooks.consent(url.href));
  expect(back.searchParams.get("state")).toBe("s-1");
  expect(back.searchParams.get("realmId")).toBe(quickBooks.realmId);
  expect(await quickBooks.consent(url.href, { deny: true })).toContain("error=access_denied");
});
