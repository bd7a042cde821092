import {
  advanceTestClock,
  createTestClock,
  deleteTestClock,
} from "../../operations/test-clocks.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import { toTestClock } from "../../serializers/to-test-clock.ts";
import { getTestClock, listTestClocks, listTestClocksByIds } from "../../store/test-clocks.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import { optional, paging, text, timestamp } from "../params.ts";
import type { Resource } from "../resource.ts";

const OBJECT = "test_helpers.test_clock";

export const testClockResource: Resource = {
  object: OBJECT,
  async load(scope, ids) {
    const rows = await listTestClocksByIds(scope, ids);
    return new Map(rows.map((row) => [row.id, toTestClock(row)]));
  },
};

export const testClockEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/test_helpers/test_clocks",
    params: { frozen_time: timestamp(), name: optional(text(300)) },
    returns: OBJECT,
    handler: async ({ scope, params: { name, frozen_time: frozenAt } }) =>
      toTestClock(await createTestClock(scope, { name, frozenAt })),
  }),
  endpoint({
    method: "GET",
    path: "/v1/test_helpers/test_clocks",
    params: paging,
    returns: { listOf: OBJECT },
    handler: async ({ scope, params }) => {
      const page = await listTestClocks(scope, toPageQuery(params));
      return toList("/v1/test_helpers/test_clocks", page, toTestClock);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/test_helpers/test_clocks/:clock",
    params: {},
    returns: OBJECT,
    handler: async ({ scope, path }) => toTestClock(await getTestClock(scope, path.clock)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/test_helpers/test_clocks/:clock/advance",
    params: { frozen_time: timestamp() },
    returns: OBJECT,
    handler: async ({ scope, path, params }) =>
      toTestClock(await advanceTestClock(scope, path.clock, params.frozen_time)),
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/test_helpers/test_clocks/:clock",
    params: {},
    returns: OBJECT,
    handler: async ({ scope, path }) => {
      await deleteTestClock(scope, path.clock);
      return toDeleted(path.clock, OBJECT);
    },
  }),
];
