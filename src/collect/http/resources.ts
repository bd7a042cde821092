import type { Resource } from "./resource.ts";

/** Every kind of object that can be expanded, or that can be expanded into. */
export const resources: readonly Resource[] = [];
