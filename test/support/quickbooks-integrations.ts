import type { Entity } from "../quickbooks/books/entity.ts";
import {
  createPlan,
  monthBilledAt,
  monthStart,
  type Plan,
  signMonth,
  useSome,
} from "./billed-customer.ts";
import { createCustomer, listInvoices } from "./billing.ts";
import { type Organization, openOrganization } from "./organization.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "./quickbooks-world.ts";

/** A company of QuickBooks that rules of the integrations API lead to, and what tests do to it. */
export interface QuickBooksRules {
  readonly world: QuickBooksWorld;
  readonly org: Organization;
  readonly plan: Plan;
  /** Begins a month that nobody was billed in. */
  nextMonth(): Promise<void>;
  /** Until its invoices are delivered. */
  endMonth(): Promise<void>;
  /** So many hours after that. */
  later(hours: number): Promise<void>;
  /** A customer with a contract of this month and 20.34 dollars of usage; a given one gets one more. */
  sign(name: string, customerId?: string): Promise<string>;
  /** A rule that takes these accounts alone; the default item of the company takes every line. */
  addRule(
    name: string,
    accountIds: readonly string[],
    configData?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
  billOf(accountId: string): Promise<string>;
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
  let month = -2;
  const billOf = async (accountId: string) => {
    const [invoice, ...more] = await listInvoices(metronome, accountId);
    if (invoice === undefined || more.length > 0) throw new Error("not one invoice");
    return invoice.id;
  };
  return {
    world,
    org,
    plan,
    billOf,
    async nextMonth() {
      month += 2;
      await server.setClock(monthStart(month));
    },
    endMonth: () => server.setClock(monthBilledAt(month)),
    later: (hours) =>
      server.setClock(new Date(Date.parse(monthBilledAt(month)) + hours * 3_600_000).toISOString()),
    async sign(name, customerId) {
      const id = customerId ?? (await createCustomer(metronome, name));
      await signMonth(server, plan, id, month);
      await useSome(server, plan, id, monthStart(month));
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
