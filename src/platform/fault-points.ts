/** Called with the name of the point that was reached. May end the process. */
export type FaultHandler = (name: string) => void;

let handler: FaultHandler | undefined;

/**
 * Names a place between two effects at which a process may die. It does nothing, except in the
 * tests that prove what dying there leaves behind: they install a handler that kills the process.
 */
export function faultPoint(name: string): void {
  handler?.(name);
}

/** For the entry points of such tests alone; no setting of the product reaches it. */
export function onFaultPoint(next: FaultHandler): void {
  handler = next;
}
