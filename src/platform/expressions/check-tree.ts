import type { ASTNode } from "@marcbachmann/cel-js";
import type { ExpressionScope } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { IS_PRESENT } from "./translate.ts";

export const MAX_NODES = 200;
export const MAX_DEPTH = 24;

/** A field of a record that an expression reads. */
export interface ReadField {
  readonly record: string;
  readonly field: string;
}

const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);
const TEXT_FUNCTIONS = new Set(["startsWith", "endsWith", "contains", "size"]);
const FUNCTIONS = new Set([IS_PRESENT, "size"]);
/** What has a value that is no condition. */
const VALUES = new Set(["id", ".", "[]", "list", "-_"]);

const HINT =
  "comparisons, AND, OR, NOT, in, ?:, has(), size(), startsWith(), endsWith() and contains()";

/**
 * Refuses everything but the few things an expression may do, whatever else the engine can: it has
 * no loops, no patterns and no arithmetic, so that it always ends at once. Answers the fields that it
 * reads. Throws ExpressionError with the position in the engine's text.
 */
export function checkTree(root: ASTNode, scope: ExpressionScope): ReadField[] {
  const fields: ReadField[] = [];
  let nodes = 0;
  const visit = (node: ASTNode, depth: number): void => {
    nodes += 1;
    if (nodes > MAX_NODES) refuse(node, `the expression has more than ${MAX_NODES} parts`);
    if (depth > MAX_DEPTH) refuse(node, `the expression is nested more than ${MAX_DEPTH} deep`);
    const field = readField(node, scope);
    if (field !== undefined) return void fields.push(field);
    for (const child of childrenOf(node, scope)) {
      // A chain of the same operator is as flat as it is written.
      const isChain = child.op === node.op && (node.op === "&&" || node.op === "||");
      visit(child, isChain ? depth : depth + 1);
    }
  };
  visit(root, 1);
  return fields;
}

function refuse(node: ASTNode, message: string): never {
  throw new ExpressionError(message, node.start);
}

/** A field of a record, or undefined for any other node. */
function readField(node: ASTNode, scope: ExpressionScope): ReadField | undefined {
  if (node.op !== "." && node.op !== "[]") return undefined;
  const [owner, name] = node.args;
  const field = typeof name === "string" ? name : name.op === "value" ? name.args : undefined;
  if (typeof field !== "string") refuse(node, 'a field is named by text: customFields["country"]');
  if (owner.op !== "id") refuse(node, "a field has no fields of its own");
  const record = owner.args;
  if (Object.hasOwn(scope.values, record)) refuse(owner, `${record} is a value and has no fields`);
  if (!Object.hasOwn(scope.records, record)) refuseName(owner, record, scope);
  const known = scope.records[record];
  if (known !== undefined && known !== "any" && !known.includes(field)) {
    refuse(node, `${record} has no field ${field}; it has ${known.join(", ")}`);
  }
  return { record, field };
}

function refuseName(node: ASTNode, name: string, scope: ExpressionScope): never {
  const names = [...Object.keys(scope.values), ...Object.keys(scope.records)].join(", ");
  const text = /^\w+$/.test(name) ? `; if it is meant as text, write "${name}"` : "";
  refuse(node, `unknown name ${name}${text}. Known are ${names}`);
}

function childrenOf(node: ASTNode, scope: ExpressionScope): readonly ASTNode[] {
  switch (node.op) {
    case "id":
      if (!Object.hasOwn(scope.values, node.args) && !Object.hasOwn(scope.records, node.args)) {
        refuseName(node, node.args, scope);
      }
      return [];
    case "value":
      if (node.args !== null && typeof node.args === "object") {
        refuse(node, "only texts, numbers, true, false and null can be written");
      }
      return [];
    case "-_":
      if (node.args.op !== "value") refuse(node, "only a number can be negative");
      return [node.args];
    case "!_":
      assertCondition(node.args);
      return [node.args];
    case "&&":
    case "||":
      node.args.forEach(assertCondition);
      return node.args;
    case "?:":
      assertCondition(node.args[0]);
      return node.args;
    case "in":
      assertList(node.args[1]);
      return node.args;
    case "list":
      return node.args;
    case "call":
      return argumentsOf(node, node.args[0], FUNCTIONS, node.args[1]);
    case "rcall":
      return [node.args[1], ...argumentsOf(node, node.args[0], TEXT_FUNCTIONS, node.args[2])];
    default:
      if (!COMPARISONS.has(node.op)) refuse(node, `${node.op} is not allowed; allowed are ${HINT}`);
      return node.args as readonly ASTNode[];
  }
}

function argumentsOf(
  node: ASTNode,
  name: string,
  known: ReadonlySet<string>,
  given: readonly ASTNode[],
): readonly ASTNode[] {
  if (known.has(name)) return given;
  refuse(node, `the function ${name} is not allowed; allowed are ${HINT}`);
}

/** A value in the place of a condition has no value of true or false: it would fail every time. */
function assertCondition(node: ASTNode): void {
  const isCondition = node.op === "value" ? typeof node.args === "boolean" : !VALUES.has(node.op);
  if (!isCondition) refuse(node, 'expected a condition here, such as currency = "USD"');
}

function assertList(node: ASTNode): void {
  if (node.op !== "list") refuse(node, 'after in stands a list: in ["UK", "US"]');
  for (const item of node.args) {
    const isText = item.op === "value" && (item.args === null || typeof item.args === "string");
    if (!isText) refuse(item, 'the list after in holds texts: in ["5", "10"]');
  }
}
