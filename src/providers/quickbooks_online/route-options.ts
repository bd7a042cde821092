import { invalid } from "../../errors.ts";
import type { RouteOptions } from "../provider-connection.ts";

const CUSTOMER = "qbo_customer_id";
const ID = /^\d{1,20}$/;

/**
 * `{qbo_customer_id?}`: which customer of the company pays. Without it the customer's custom field of
 * that name says so, or the customer is found or made by its name. Throws invalid.
 */
export function readQuickBooksRouteOptions(configuration: RouteOptions): RouteOptions {
  const unknown = Object.keys(configuration).find((name) => name !== CUSTOMER);
  if (unknown !== undefined) {
    throw invalid(`unknown field configuration.${unknown}`, `configuration.${unknown}`);
  }
  const id = configuration[CUSTOMER] ?? null;
  if (id === null) return {};
  if (typeof id === "string" && ID.test(id)) return { [CUSTOMER]: id };
  throw invalid(
    `configuration.${CUSTOMER} must be the id of a QuickBooks customer, digits as text`,
    `configuration.${CUSTOMER}`,
  );
}

/** The customer that options name. Others are told apart by our own customer, whose jobs go one by one. */
export const payerOf = ({ [CUSTOMER]: id }: RouteOptions): string | undefined =>
  typeof id === "string" ? id : undefined;
