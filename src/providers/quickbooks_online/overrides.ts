import type { RouteOptions } from "../provider-connection.ts";
import type { QuickBooksSettings } from "./settings.ts";

/** Options of a destination, and the settings of the connection that they take the place of. */
const OVERRIDES = {
  salesTermId: "sales_term_id",
  taxCodeId: "tax_code_id",
  defaultItemId: "default_item_id",
  incomeAccountId: "income_account_id",
} as const satisfies Record<string, keyof QuickBooksSettings>;

const SEND_DUE_DATE = "send_due_date";

/** A destination's options in the words of routes: what was not chosen is left to the connection. */
export const toOverrides = (destination: Readonly<Record<string, unknown>>): RouteOptions => ({
  ...Object.fromEntries(
    Object.entries(OVERRIDES).flatMap(([option, setting]) => {
      const value = destination[option];
      return typeof value === "string" && value !== "" ? [[setting, value]] : [];
    }),
  ),
  ...(destination.sendDueDate === false ? { [SEND_DUE_DATE]: false } : {}),
});

/** The settings that hold for a route. A term that it names decides when a document is due. */
export function settingsOf(
  settings: QuickBooksSettings,
  options: RouteOptions,
): QuickBooksSettings {
  const chosen = Object.fromEntries(
    Object.values(OVERRIDES).flatMap((name) =>
      typeof options[name] === "string" ? [[name, options[name]]] : [],
    ),
  );
  const due = typeof chosen.sales_term_id === "string" ? { due_date: "sales_term" as const } : {};
  return { ...settings, ...chosen, ...due };
}

/** Whether the document says when it is due; else QuickBooks works it out by the customer's own term. */
export const sendsDueDate = (options: RouteOptions): boolean => options[SEND_DUE_DATE] !== false;
