import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Organization, openOrganization } from "../support/organization.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

/** Lists of what a company has, to choose from, that are longer than a page. */
let world: QuickBooksWorld;
let org: Organization;

interface Choice {
  readonly id: string;
  readonly label: string;
}

beforeAll(async () => {
  // Of the United Kingdom, where there are several codes of tax.
  world = await openQuickBooksWorld({ country: "GB" });
  org = await openOrganization(world.server);
  const { company } = world.quickBooks;
  const { incomeAccount } = company.ids;
  for (let count = 1; count <= 9; count += 1) {
    // Names in another order than that of their making.
    const name = `${String.fromCharCode(75 - count)}${count}`;
    company.addItem(`Item ${name}`);
    company.create("Account", { Name: `Income ${name}`, AccountType: "Income" });
    company.create("Account", { Name: `Cost ${name}`, AccountType: "Expense" });
    company.create("Term", { Name: `Net ${name}`, DueDays: count });
  }
  // Each of them has a sub-account of the same name.
  for (const parent of company.list("Account").filter(({ Name }) => /^Income/.test(Name ?? ""))) {
    company.create("Account", {
      Name: "Licences",
      AccountType: "Income",
      ParentRef: { value: parent.Id },
    });
  }
  const gone = company.addItem({ Name: "Gone", IncomeAccountRef: { value: incomeAccount } });
  company.edit("Item", gone.Id, { Active: false });
  // A category is listed among items, and nothing can be sold as one.
  const category = company.create("Item", { Name: "Cloud", Type: "Category" }).Id;
  company.addItem({ Name: "Services", ParentRef: { value: category } });
}, 60_000);
afterAll(() => world?.close());

const path = (option: string, rest: string) =>
  `/integrationconfigs/values/QUICKBOOKS_SANDBOX/${option}?integrationCredentialsId=${world.connectionId}${rest}`;

/** Every page up to the end, and how long each was. */
async function walk(option: string, pageSize: number) {
  const all: Choice[] = [];
  const sizes: number[] = [];
  let token: string | null = "";
  while (token !== null) {
    const next: string = token === "" ? "" : `&nextToken=${encodeURIComponent(token)}`;
    const page = await org.ask("GET", path(option, `&pageSize=${pageSize}${next}`));
    all.push(...page.data);
    sizes.push(page.data.length);
    token = page.nextToken;
  }
  return { all, sizes };
}

const activeOf = (entity: "Item" | "Account" | "Term" | "TaxCode") =>
  world.quickBooks.company
    .list(entity)
    .filter(({ Active, Type }) => Active !== false && Type !== "Category");

describe("each list, page by page to its end: nothing lost, nothing twice", () => {
  test.each([
    ["defaultItemId", () => activeOf("Item")],
    ["incomeAccountId", () => activeOf("Account").filter((each) => each.AccountType === "Income")],
    ["salesTermId", () => activeOf("Term")],
    ["taxCodeId", () => activeOf("TaxCode")],
  ] as const)("%s", async (option, list) => {
    const there = list().map(({ Id }) => Id);
    expect(there.length).toBeGreaterThan(4);
    for (const pageSize of [2, 4]) {
      const { all, sizes } = await walk(option, pageSize);
      expect(all.map(({ id }) => id).sort()).toEqual([...there].sort());
      // Every page but the last is full; a last one may be empty.
      expect(sizes.slice(0, -1).every((size) => size === pageSize)).toBe(true);
      expect(sizes.length).toBe(Math.floor(there.length / pageSize) + 1);
    }
  });
});

test("what is made while somebody pages is at the end", async () => {
  const { company } = world.quickBooks;
  const first = await org.ask("GET", path("defaultItemId", "&pageSize=3"));
  const made = company.addItem("AAA comes first by its name").Id;
  const seen: Choice[] = [...first.data];
  let token: string | null = first.nextToken;
  while (token !== null) {
    const page = await org.ask("GET", path("defaultItemId", `&pageSize=3&nextToken=${token}`));
    seen.push(...page.data);
    token = page.nextToken;
  }
  const ids = seen.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.at(-1)).toBe(made);
});

test("sub-accounts of one name are told apart by their parents", async () => {
  const { all } = await walk("incomeAccountId", 5);
  const labels = all.map(({ label }) => label).filter((label) => label.includes("Licences"));
  expect(labels).toContain("Income J1:Licences");
  expect(new Set(labels).size).toBe(labels.length);
  expect(all.map(({ label }) => label).join()).not.toContain("Cost");
});

test.each([
  ["&nextToken=0", "400 nextToken is not a token of this list"],
  ["&nextToken=1;drop", "400 nextToken is not a token of this list"],
  ["&pageSize=0", /^400 pageSize/],
  ["&pageSize=201", /^400 pageSize/],
])("%s is refused", async (rest, refusal) => {
  expect(await org.refusal("GET", path("defaultItemId", rest))).toMatch(refusal);
});

describe("what can be mapped", () => {
  const values = "/externalmappingconfiguration/values/QuickBooks";

  test("items and customers, more than Intuit's own page of a hundred, newest first, active ones alone", async () => {
    const { company } = world.quickBooks;
    for (let count = 1; count <= 130; count += 1) company.addCustomer(`Customer ${count}`);
    const left = company.addCustomer("Left").Id;
    company.edit("Customer", left, { Active: false });
    const customers: Choice[] = await org.ask("GET", `${values}/Account/${world.connectionId}`);
    expect(customers).toHaveLength(130);
    expect(new Set(customers.map(({ label }) => label)).size).toBe(130);
    expect(customers.map(({ id }) => id)).not.toContain(left);
    const items: Choice[] = await org.ask("GET", `${values}/Product?externalTable=Item`);
    const services = items.map(({ label }) => label).filter((label) => label.includes("Services"));
    expect(services.sort()).toEqual(["Cloud:Services", "Services"]);
    expect(items.map(({ id }) => id).sort()).toEqual(
      activeOf("Item")
        .map(({ Id }) => Id)
        .sort(),
    );
  });
});
