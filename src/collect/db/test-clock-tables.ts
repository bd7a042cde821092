import type { Generated } from "kysely";
import type { InstantColumn, ObjectColumns } from "./foundation-tables.ts";

/** A clock that customers can be made on. Its time is in the platform's table of clocks. */
export interface TestClocksTable extends ObjectColumns {
  name: string | null;
  /** When it goes by itself, on the environment's clock. */
  deletes_at: InstantColumn;
  /** Its last advance could not be finished. */
  has_failed: Generated<boolean>;
}

export interface TestClockTables {
  test_clocks: TestClocksTable;
}
