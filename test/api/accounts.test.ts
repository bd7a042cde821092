import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createContract, createCustomer, createRateCard } from "../support/billing.ts";
import { type Organization, openOrganization } from "../support/organization.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let org: Organization;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-05T00:00:00Z");
  org = await openOrganization(server);
  for (const key of ["segment", "tier"]) {
    await server.metronome.v1.customFields.addKey({
      entity: "customer",
      key,
      enforce_uniqueness: false,
    });
  }
});
afterAll(() => server.close());

const full = {
  name: "Acme",
  code: "acme-1",
  emailAddress: "billing@acme.test",
  address: { addressLine1: "1 High Street", locality: "London", country: "UK", region: "" },
  currency: "gbp",
  purchaseOrderNumber: "PO-7",
  daysBeforeBillDue: 14,
  customFields: { segment: "large", tier: "gold" },
  configData: { SendBillsToThirdParties: "false" },
};

describe("an account is a customer", () => {
  test("created with all it can have, read back, replaced as a whole, deleted", async () => {
    const made = await org.ask("POST", "/accounts", full);
    expect(made).toEqual({
      ...full,
      id: made.id,
      address: { addressLine1: "1 High Street", locality: "London", country: "UK" },
      currency: "GBP",
      version: 1,
      dtCreated: "2024-01-05T00:00:00Z",
      dtLastModified: "2024-01-05T00:00:00Z",
      createdBy: made.createdBy,
      lastModifiedBy: made.createdBy,
    });
    expect(made.createdBy).not.toBeNull();
    const { data: customer } = await server.metronome.v1.customers.retrieve({
      customer_id: made.id,
    });
    expect(customer).toMatchObject({
      name: "Acme",
      custom_fields: { segment: "large", tier: "gold" },
    });

    // Sent back as it was read, with one field changed: what is left out is gone.
    const { purchaseOrderNumber: _, ...rest } = made;
    const replaced = await org.ask("PUT", `/accounts/${made.id}`, {
      ...rest,
      name: "Acme Ltd",
      customFields: { tier: "silver" },
      configData: null,
    });
    expect(replaced).toMatchObject({
      name: "Acme Ltd",
      code: "acme-1",
      purchaseOrderNumber: null,
      customFields: { tier: "silver" },
      configData: { SendBillsToThirdParties: "true" },
      version: 2,
      createdBy: made.createdBy,
    });
    expect(await org.ask("GET", `/accounts/${made.id}`)).toEqual(replaced);
    expect(await org.ask("GET", `/accounts/${made.id}/children`)).toEqual({
      data: [],
      nextToken: null,
    });

    expect((await org.ask("DELETE", `/accounts/${made.id}`)).id).toBe(made.id);
    expect(await org.refusal("GET", `/accounts/${made.id}`)).toMatch(/^404 /);
    expect(await org.refusal("DELETE", `/accounts/${made.id}`)).toMatch(/^404 /);
    const after = await server.metronome.v1.customers.retrieve({ customer_id: made.id });
    expect(after.data.archived_at).not.toBeNull();
  });

  test("made over the core API, it shows defaults and takes details at version 1", async () => {
    const id = await createCustomer(server.metronome, "Plain");
    const account = await org.ask("GET", `/accounts/${id}`);
    expect(account).toMatchObject({
      name: "Plain",
      code: null,
      address: {},
      currency: null,
      customFields: {},
      configData: { SendBillsToThirdParties: "true" },
      version: 1,
      createdBy: null,
      lastModifiedBy: null,
    });
    const replaced = await org.ask("PUT", `/accounts/${id}`, { ...account, code: "plain" });
    expect(replaced).toMatchObject({ code: "plain", version: 2, createdBy: null });
  });

  test("an invoice that is locked keeps its account, with the reason", async () => {
    const { metronome } = server;
    const id = await createCustomer(metronome, "Locked");
    const card = await createRateCard(metronome, []);
    await createContract(metronome, id, card, {
      starting_at: "2023-12-01T00:00:00Z",
      ending_before: "2024-01-01T00:00:00Z",
    });
    await server.setClock("2024-01-06T00:00:00Z");
    const { data } = await metronome.v1.customers.invoices.list({ customer_id: id });
    await server.send("POST", `/v1/invoices/${data[0]?.id}/lock`, {});
    expect(await org.refusal("DELETE", `/accounts/${id}`)).toMatch(/^409 .*locked/);
    expect((await org.ask("GET", `/accounts/${id}`)).name).toBe("Locked");
  });
});

describe("lists", () => {
  const ids: string[] = [];
  beforeAll(async () => {
    for (const [name, code] of [
      ["Zeta One", "z-1"],
      ["Zeta Two", "z-2"],
      ["zeta three", "z-3"],
    ] as const) {
      const emailAddress = `${code}@zeta.test`;
      ids.push((await org.ask("POST", "/accounts", { name, code, emailAddress })).id);
    }
  });

  const namesOf = (reply: { data: { name: string }[] }) => reply.data.map(({ name }) => name);

  test("are paged, and filtered by ids and codes in both forms of several values", async () => {
    const first = await org.ask("GET", `/accounts?ids=${ids.join(",")}&pageSize=2`);
    expect(namesOf(first)).toEqual(["Zeta One", "Zeta Two"]);
    const second = await org.ask(
      "GET",
      `/accounts?ids=${ids.join(",")}&pageSize=2&nextToken=${first.nextToken}`,
    );
    expect([namesOf(second), second.nextToken]).toEqual([["zeta three"], null]);
    expect(namesOf(await org.ask("GET", "/accounts?codes=z-1&codes=z-3"))).toEqual([
      "Zeta One",
      "zeta three",
    ]);
  });

  test.each([
    ["name~zeta", ["Zeta One", "Zeta Two", "zeta three"], "a beginning, in any case"],
    ["name:Zeta Two", ["Zeta Two"], "equal"],
    ["name~zeta$code>=z-2", ["Zeta Two", "zeta three"], "both terms"],
    ["code>z-1$code<z-3", ["Zeta Two"], "between"],
    ["emailAddress:z-3@zeta.test", ["zeta three"], "by mail address"],
    ["name:nobody", [], "nothing fits"],
  ])("search %s finds %j: %s", async (query, names) => {
    const reply = await org.ask("GET", `/accounts/search?searchQuery=${encodeURIComponent(query)}`);
    expect(namesOf(reply)).toEqual(names);
  });

  test("a search goes on from a document", async () => {
    const reply = await org.ask(
      "GET",
      "/accounts/search?searchQuery=name~zeta&pageSize=1&fromDocument=1",
    );
    expect(namesOf(reply)).toEqual(["Zeta Two"]);
  });
});

describe("a contract keeps its purchase order number", () => {
  let accountId: string;
  let contractId: string;
  beforeAll(async () => {
    accountId = await createCustomer(server.metronome, "Buyer");
    const card = await createRateCard(server.metronome, []);
    contractId = await createContract(server.metronome, accountId, card, {
      name: "Year one",
      starting_at: "2024-01-01T00:00:00Z",
      ending_before: "2025-01-01T00:00:00Z",
    });
    await createContract(server.metronome, accountId, card, {
      starting_at: "2024-01-01T00:00:00Z",
    });
  });

  test("set, read back in both reads, and taken away", async () => {
    const { data } = await org.ask("GET", `/contracts?accountId=${accountId}`);
    expect(data).toHaveLength(2);
    expect(data[0]).toMatchObject({
      id: contractId,
      accountId,
      name: "Year one",
      startDate: "2024-01-01",
      endDate: "2025-01-01",
      purchaseOrderNumber: null,
      version: 1,
    });
    expect(data[1]).toMatchObject({ name: null, endDate: null });
    const path = `/contracts/${contractId}`;
    const set = await org.ask("PUT", path, { ...data[0], purchaseOrderNumber: "PO-99" });
    expect(set).toMatchObject({ purchaseOrderNumber: "PO-99", version: 2 });
    expect(await org.ask("GET", path)).toEqual(set);
    expect((await org.ask("GET", `/contracts?ids=${contractId}`)).data).toEqual([set]);
    const taken = await org.ask("PUT", path, { version: 2 });
    expect(taken).toMatchObject({ purchaseOrderNumber: null, version: 3, name: "Year one" });
  });

  test("what is the core API's is refused", async () => {
    const path = `/contracts/${contractId}`;
    const { version } = await org.ask("GET", path);
    for (const [body, refusal] of [
      [{ version: version - 1 }, /^409 The contract has version/],
      [{ version, name: "Other" }, "400 name is read-only"],
      [{ version, endDate: "2026-01-01" }, "400 endDate is read-only"],
      [
        { version, purchaseOrderNumber: "x".repeat(141) },
        /^400 purchaseOrderNumber must NOT have more/,
      ],
      [{ version, billGroupingKeyId: "x" }, "400 billGroupingKeyId is not supported"],
      [{ version, planet: "x" }, "400 unknown field planet"],
    ] as const) {
      expect(await org.refusal("PUT", path, body)).toMatch(refusal);
    }
    expect(await org.refusal("POST", "/contracts", { accountId, name: "New" })).toBe(
      "400 A contract is not created here, because it needs its prices: use POST /v1/contracts/create",
    );
    expect(await org.refusal("DELETE", path)).toMatch(/^400 .*\/v1\/contracts\/archive/);
    expect((await org.ask("GET", path)).version).toBe(version);
  });
});

describe("bad input is refused by name and changes nothing", () => {
  test.each([
    [{ ...full, name: undefined }, "400 name is required"],
    [{ ...full, emailAddress: "nobody" }, "400 emailAddress must be a mail address"],
    [{ ...full, currency: "XTS" }, /^400 currency must be one that bills can be in: USD/],
    [{ ...full, daysBeforeBillDue: 1.5 }, "400 daysBeforeBillDue must be integer or null"],
    [{ ...full, daysBeforeBillDue: -1 }, /^400 daysBeforeBillDue must be >= 0/],
    [{ ...full, parentAccountId: "x" }, "400 parentAccountId is not supported"],
    [{ ...full, planet: "Mars" }, "400 unknown field planet"],
    [{ ...full, address: { street: "x" } }, "400 unknown field address.street"],
    [
      { ...full, customFields: { colour: "red" } },
      /^400 customFields: the key "colour" was not added/,
    ],
    [{ ...full, configData: { Other: "x" } }, "400 unknown field configData.Other"],
    [
      { ...full, configData: { SendBillsToThirdParties: "yes" } },
      /^400 configData.SendBillsToThirdParties must be one of/,
    ],
    [{ ...full, code: "z-1" }, '409 Another account has the code "z-1"'],
  ])("POST %j: %s", async (body, refusal) => {
    expect(await org.refusal("POST", "/accounts", body)).toMatch(refusal);
    expect((await org.ask("GET", "/accounts?codes=acme-1")).data).toEqual([]);
  });

  test("a replacement needs the present version, and leaves what is read-only", async () => {
    const made = await org.ask("POST", "/accounts", { name: "Kept", code: "kept" });
    const path = `/accounts/${made.id}`;
    for (const [change, refusal] of [
      [{ version: 2 }, "409 The account has version 1, and the request is for version 2"],
      [{ version: undefined }, "400 version is required"],
      [{ dtCreated: "2020-01-01T00:00:00Z" }, "400 dtCreated is read-only"],
      [{ id: "00000000-0000-4000-8000-000000000000" }, "400 id is read-only"],
      [{ createdBy: "somebody" }, "400 createdBy is read-only"],
    ] as const) {
      expect(await org.refusal("PUT", path, { ...made, ...change })).toMatch(refusal);
    }
    expect(await org.ask("GET", path)).toEqual(made);
  });

  test.each([
    ["/accounts?pageSize=201", /^400 pageSize must be <= 200/],
    ["/accounts?nextToken=x", "400 nextToken is not a token of this list"],
    ["/accounts?ids=x", "400 ids must be uuids"],
    ["/accounts/search?searchQuery=planet:x", /^400 searchQuery: planet is not a field/],
    ["/accounts/search?searchQuery=name:x&sortBy=name", "400 sortBy is not supported"],
    ["/accounts/search", "400 searchQuery is required"],
    ["/accounts/x", "400 id must be a uuid"],
  ])("GET %s: %s", async (path, refusal) => {
    expect(await org.refusal("GET", path)).toMatch(refusal);
  });

  test("another organization is not there", async () => {
    const reply = await server.send(
      "GET",
      "/organizations/00000000-0000-4000-8000-000000000000/accounts",
    );
    expect(reply.status).toBe(404);
  });
});
