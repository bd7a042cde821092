import type { Connectable } from "../providers/usage-reporter.ts";
import type { Services } from "./context.ts";

/** The provider of that name, of either family, or undefined. */
export function findConnectable(
  { providers, usageReporters }: Services,
  name: string,
): Connectable | undefined {
  // The name may come from a request: "__proto__" is a property of every object and no provider.
  if (Object.hasOwn(providers, name)) return providers[name];
  return Object.hasOwn(usageReporters, name) ? usageReporters[name] : undefined;
}
