import type { Endpoint } from "../../src/collect/http/endpoint.ts";
import { createEndpoints } from "../../src/collect/http/endpoints.ts";
import type { Node } from "../../src/collect/http/schema-node.ts";
import { createOutgoing } from "../../src/platform/network/outgoing.ts";
import { type Comparison, compareParameters } from "./compare-parameters.ts";
import type { StripePackage } from "./open-package.ts";
import { stripeEndpoints, toRoute } from "./stripe-endpoints.ts";

/** One endpoint of Collect; `comparison` is missing where the package has no such endpoint. */
export interface ServedEndpoint {
  readonly endpoint: Endpoint;
  readonly comparison: Comparison | undefined;
}

export interface Compatibility {
  readonly served: readonly ServedEndpoint[];
  /** Routes of the same resources in the package that Collect does not serve. */
  readonly missing: readonly string[];
}

/** "/v1/test_helpers/test_clocks/:test_clock" -> "/v1/test_helpers/test_clocks" */
export const resourceOf = (path: string): string =>
  path
    .split("/")
    .slice(0, path.startsWith("/v1/test_helpers/") ? 4 : 3)
    .join("/");

/** Holds everything Collect serves against what the `stripe` package can ask for. */
export function readCompatibility(stripe: StripePackage): Compatibility {
  const endpoints = createEndpoints({
    outgoing: createOutgoing({ allowPrivateNetwork: false, trustedHosts: () => [] }),
  });
  const resources = [...new Set(endpoints.map(({ path }) => resourceOf(path)))];
  const known = stripeEndpoints(stripe, resources);
  const routes = new Map(known.map((each) => [each.route, each]));
  const served = endpoints.map((endpoint) => {
    const theirs = routes.get(toRoute(endpoint.method, endpoint.path));
    const comparison =
      theirs && compareParameters(theirs.parameters(), endpoint.params as unknown as Node);
    return { endpoint, comparison };
  });
  const ours = new Set(endpoints.map(({ method, path }) => toRoute(method, path)));
  const missing = [...routes.keys()].filter((route) => !ours.has(route)).toSorted();
  return { served, missing };
}
