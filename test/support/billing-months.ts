import { monthBilledAt, monthStart, type Plan, signMonth, useSome } from "./billed-customer.ts";
import { listInvoices } from "./billing.ts";
import type { TestServer } from "./server.ts";

/** Months that nobody else is billed in, one after the other. */
export interface BillingMonths {
  /** Begins a month that nobody was billed in. */
  nextMonth(): Promise<void>;
  /** Until its invoices are delivered. */
  endMonth(): Promise<void>;
  /** So many hours after that. */
  later(hours: number): Promise<void>;
  /** Gives a customer a contract of this month and some usage. */
  fill(customerId: string): Promise<void>;
  /** The only invoice of an account. */
  billOf(accountId: string): Promise<string>;
}

/** Opens them, over a plan. */
export function openMonths(server: TestServer, plan: Plan): BillingMonths {
  let month = -2;
  return {
    async nextMonth() {
      month += 2;
      await server.setClock(monthStart(month));
    },
    endMonth: () => server.setClock(monthBilledAt(month)),
    later: (hours) =>
      server.setClock(new Date(Date.parse(monthBilledAt(month)) + hours * 3_600_000).toISOString()),
    async fill(customerId) {
      await signMonth(server, plan, customerId, month);
      await useSome(server, plan, customerId, monthStart(month));
    },
    async billOf(accountId) {
      const [invoice, ...more] = await listInvoices(server.metronome, accountId);
      if (invoice === undefined || more.length > 0) throw new Error("not one invoice");
      return invoice.id;
    },
  };
}
