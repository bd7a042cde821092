import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openQuickBooksRules, type QuickBooksRules } from "../support/quickbooks-integrations.ts";

/** External mappings of accounts and products, as documents in QuickBooks use them. */
let rules: QuickBooksRules;
let company: QuickBooksRules["world"]["quickBooks"]["company"];
let tokens: string;

beforeAll(async () => {
  rules = await openQuickBooksRules();
  ({ company } = rules.world.quickBooks);
  const { metronome } = rules.world.server;
  for await (const product of metronome.v1.contracts.products.list()) {
    if (product.current.name === rules.plan.tokens) tokens = product.id;
  }
}, 60_000);
afterAll(() => rules?.close());
beforeEach(() => rules.nextMonth());

const map = (entity: "Account" | "Product", id: string, externalId: string, rule?: string) =>
  rules.org.ask("POST", "/externalmappings", {
    m3terEntity: entity,
    m3terId: id,
    // In any case, and under the name of the destination.
    externalSystem: "QUICKBOOKS_SANDBOX",
    externalTable: entity === "Account" ? "Customer" : "Item",
    externalId,
    ...(rule === undefined ? {} : { integrationConfigId: rule }),
  });

/** Names and ids that the company was asked for since a point in its log. */
const queriesSince = (from: number, entity: string) =>
  rules.world.quickBooks.requests
    .slice(from)
    .flatMap(({ query }) => (query.query?.includes(`from ${entity} `) ? [query.query] : []));

const itemsOf = async (account: string) => {
  const [document] = await rules.documentsOf(account);
  return (document?.Line ?? []).flatMap(({ SalesItemLineDetail: detail }) =>
    detail === undefined ? [] : [detail.ItemRef?.value],
  );
};

test("an account's mapping names the customer, before its custom field and its name", async () => {
  const named = company.addCustomer("Mapped");
  const [field, mapped, ofRule] = ["By field", "By mapping", "By the rule's mapping"].map(
    (name) => company.addCustomer(name).Id,
  );
  const [one, two] = [await rules.sign("Mapped"), await rules.sign("Mapped too")];
  for (const account of [one, two]) {
    await rules.world.map("customer", account, "qbo_customer_id", field ?? "");
    await map("Account", account, mapped ?? "");
  }
  const rule = await rules.addRule("Mapped", [one, two], { useExternalMappingAccountCode: true });
  await map("Account", two, ofRule ?? "", rule);
  const from = rules.world.quickBooks.requests.length;
  await rules.endMonth();
  const customerOf = async (account: string) =>
    (await rules.documentsOf(account)).map(({ CustomerRef }) => CustomerRef?.value);
  expect([await customerOf(one), await customerOf(two)]).toEqual([[mapped], [ofRule]]);
  expect(queriesSince(from, "Customer")).toEqual([]);
  // Nothing was learned: the field is what it was, and nobody was made.
  expect(await rules.world.customField("customer", one, "qbo_customer_id")).toBe(field);
  expect(company.list("Customer").filter(({ Id }) => Number(Id) > Number(ofRule))).toEqual([]);
  expect(company.get("Customer", named.Id)?.Balance).toBe(0);
});

test("without the option the custom field counts, and a mapping does not", async () => {
  const [field = "", mapped = ""] = ["Field counts", "Mapping does not"].map(
    (name) => company.addCustomer(name).Id,
  );
  const account = await rules.sign("Unmapped by choice");
  await rules.world.map("customer", account, "qbo_customer_id", field);
  await map("Account", account, mapped);
  await rules.addRule("By field", [account]);
  await rules.endMonth();
  expect(await rules.documentsOf(account)).toMatchObject([{ CustomerRef: { value: field } }]);
});

test("an account that has to be mapped and is not: the event says what to make, and a retry sends", async () => {
  const account = await rules.sign("Not mapped");
  const rule = await rules.addRule("To be mapped", [account], {
    useExternalMappingAccountCode: true,
  });
  await rules.endMonth();
  const [run] = await rules.runsOf(account);
  expect(run).toMatchObject({ status: "ERROR", errorCode: "missing_account_mapping" });
  const events = await rules.org.ask("GET", `/events?accountId=${account}`);
  const { remedy } = events.data[0].m3terEvent;
  expect(remedy).toMatchObject({
    action: "CREATE_MAPPING",
    body: {
      m3terEntity: "Account",
      m3terId: account,
      externalSystem: "QuickBooks",
      externalTable: "Customer",
      integrationConfigId: rule,
    },
  });
  const there = company.addCustomer("Somebody").Id;
  await rules.org.ask("POST", "/externalmappings", { ...remedy.body, externalId: there });
  await rules.org.ask("POST", `/integrationruns/${run.id}/retry`);
  await rules.endMonth();
  expect(await rules.documentsOf(account)).toMatchObject([
    { CustomerRef: { value: there }, TotalAmt: 20.34 },
  ]);
});

test("a product's mapping names the item, before its custom field and its name", async () => {
  company.addItem(rules.plan.tokens);
  const [field = "", mapped = "", ofRule = ""] = ["By field", "By mapping", "By rule"].map(
    (name) => company.addItem(`Item ${name}`).Id,
  );
  await rules.world.map("contract_product", tokens, "qbo_item_id", field);
  const [one, two] = [await rules.sign("Items one"), await rules.sign("Items two")];
  const own = await rules.sign("Items own", await rules.world.addCustomer("Items own"));
  await rules.addRule("Items one", [one]);
  const rule = await rules.addRule("Items two", [two]);
  const ofAll = await map("Product", tokens, mapped);
  const { id: linked } = await map("Product", tokens, ofRule, rule);
  await rules.world.set({ default_item_id: company.ids.services });
  const from = rules.world.quickBooks.requests.length;
  await rules.endMonth();
  // The other product has neither, and goes on the default one.
  const rest = company.ids.services;
  expect(await itemsOf(one)).toEqual([mapped, rest]);
  expect(await itemsOf(two)).toEqual([ofRule, rest]);
  expect(await itemsOf(own)).toEqual([mapped, rest]);
  expect(queriesSince(from, "Item").filter((query) => query.includes(rules.plan.tokens))).toEqual(
    [],
  );
  expect(await rules.world.customField("product", tokens, "qbo_item_id")).toBe(field);

  // A preview says the same, by the rule and by the billing configuration.
  for (const [account, item] of [
    [two, ofRule],
    [own, mapped],
  ] as const) {
    const bill = await rules.billOf(account);
    const shown = await rules.world.server.send("POST", `/v1/invoices/${bill}/provider-requests`);
    const line = shown.body.data.at(-1).params.Line[0];
    expect(line.SalesItemLineDetail.ItemRef.value).toBe(item);
  }

  // Taken away again, the field counts.
  for (const id of [ofAll.id, linked]) await rules.org.ask("DELETE", `/externalmappings/${id}`);
  const bill = await rules.billOf(two);
  const shown = await rules.world.server.send("POST", `/v1/invoices/${bill}/provider-requests`);
  const line = shown.body.data.at(-1).params.Line[0];
  expect(line.SalesItemLineDetail.ItemRef.value).toBe(field);
  await rules.world.set({ default_item_id: null });
});
