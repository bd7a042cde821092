import type { ProviderRequest } from "../../delivery-step.ts";
import type { Discrepancy, Repair } from "../../reconciliation.ts";
import type { StripeDocument } from "../document.ts";
import { CREATE_PATH } from "../next-step.ts";
import type { DeliveredDocument } from "./delivered-document.ts";
import type { InspectedInvoice } from "./inspect.ts";

/** What a repair of an invoice is decided from. */
export interface RepairFacts {
  readonly discrepancy: Pick<Discrepancy, "class" | "subject">;
  readonly delivered: DeliveredDocument;
  readonly observed: InspectedInvoice;
  readonly document: StripeDocument;
}

export const refuse = (reason: string): Repair => ({ outcome: "refuse", reason });

export const post = (path: string, params: ProviderRequest["params"]): ProviderRequest => ({
  method: "POST",
  path,
  params,
});

export const pathOf = (id: string): string => `${CREATE_PATH}/${id}`;

/** What stands there counts. */
export const REFRESH: Repair = {
  outcome: "act",
  action: "refresh_status",
  description: "Take over what stands at Stripe.",
  writes: [],
  after: "refresh",
};
