import type { BillableStatus } from "../../domain/invoices/billable-status.ts";
import type { InstantColumn } from "../columns.ts";

/** Since when a customer's invoices are billable, or are not. */
export interface CustomerBillableStatusesTable {
  customer_id: string;
  effective_at: InstantColumn;
  billable_status: BillableStatus;
}
