import type { Entity } from "../quickbooks/books/entity.ts";
import { createPlan, monthStart, type Plan } from "./billed-customer.ts";
import { createCustomer } from "./billing.ts";
import { type BillingMonths, openMonths } from "./billing-months.ts";
import { type Organization, openOrganization } from "./organization.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "./quickbooks-world.ts";

/** A company of QuickBooks that rules of the integrations API lead to, and what tests do to it. */
export interface QuickBooksRules extends Omit<BillingMonths, "fill"> {
  readonly world: QuickBooksWorld;
  readonly org: Organization;
  readonly plan: Plan;
  /** A customer with a contract of this month and 20.34 dollars of usage; a given one gets one more. */
  sign(name: string, customerId?: string): Promise<string>;
  /** A rule that takes these accounts alone; the default item of the company takes every line. */
  addRule(
    name: string,
    accountIds: readonly string[],
    configData?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
  /** Of the integrations API. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
  runsOf(accountId: string): Promise<any[]>;
  /** What stands in the company for an account's bill. */
  documentsOf(accountId: string): Promise<Entity[]>;
  close(): Promise<void>;
}

/** Opens all of it: a connected company, and a plan whose month comes to 2,033.633 cents. */
export async function openQuickBooksRules(): Promise<QuickBooksRules> {
  const world = await openQuickBooksWorld();
  const { server, quickBooks } = world;
  const { metronome } = server;
  await server.setClock(monthStart(0));
  const plan = await createPlan(server);
  const org = await openOrganization(server);
  const months = openMonths(server, plan);
  const { billOf } = months;
  return {
    world,
    org,
    plan,
    billOf,
    nextMonth: months.nextMonth,
    endMonth: months.endMonth,
    later: months.later,
    async sign(name, customerId) {
      const id = customerId ?? (await createCustomer(metronome, name));
      await months.fill(id);
      return id;
    },
    async addRule(name, accountIds, configData = {}) {
      const rule = await org.ask("POST", "/integrationconfigs", {
        entityType: "Bill",
        destination: "QUICKBOOKS_SANDBOX",
        name,
        integrationCredentialsId: world.connectionId,
        configData: { accountIds, defaultItemId: quickBooks.company.ids.services, ...configData },
      });
      return rule.id;
    },
    async runsOf(accountId) {
      return (await org.ask("GET", `/integrationruns/Bill/${await billOf(accountId)}`)).data;
    },
    async documentsOf(accountId) {
      const bill = await billOf(accountId);
      return quickBooks.company
        .list("Invoice")
        .filter(({ PrivateNote = "" }) => PrivateNote.includes(bill));
    },
    close: () => world.close(),
  };
}
