/** Models DynamoDB for the single-item operations of the control table. The adapter that sends them is the real one. */
import {
  failed,
  replyWith,
  type Effect,
  type Item,
  type LedgerState,
  type Request,
  type State,
} from './state';

interface Expression {
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

export function ledgerOperation(state: State, request: Request): Effect {
  const { args, op } = request;
  const sk = String(args.sk);
  const item = state.ledger.items[sk];
  switch (op) {
    case 'get':
      return replyWith(state, item ?? null);
    case 'query':
      return replyWith(state, query(state.ledger.items, request));
    case 'put':
      if (!holds(item, args)) return conditionFailed(state);
      return replyWith(withItem(state, request, args.item as Item), null);
    case 'update': {
      if (!holds(item, args)) return conditionFailed(state);
      const updated = update(item ?? { pk: args.pk, sk }, args);
      return replyWith(withItem(state, request, updated), updated);
    }
    case 'delete': {
      const items = { ...state.ledger.items };
      delete items[sk];
      return replyWith({ ...state, ledger: { ...state.ledger, items } }, null);
    }
    default:
      return failed(state, 'UnknownRequest', `the model of the control table does not support ${op}`);
  }
}

const conditionFailed = (state: State): Effect =>
  failed(state, 'ConditionalCheckFailedException', 'The conditional request failed');

function withItem(state: State, { args }: Request, item: Item): State {
  const items = { ...state.ledger.items, [String(args.sk)]: item };
  return { ...state, ledger: { ...state.ledger, items } };
}

function query(items: LedgerState['items'], { args }: Request): Item[] {
  const found = Object.keys(items)
    .filter((sk) => sk.startsWith(String(args.prefix)))
    .sort();
  if (args.newestFirst === true) found.reverse();
  return found.slice(0, (args.limit as number | undefined) ?? found.length).map((sk) => items[sk]!);
}

const nameIn = (names: Expression['ExpressionAttributeNames'], token: string): string =>
  token.startsWith('#') ? (names?.[token] ?? unknown(token)) : token;

const valueIn = (values: Expression['ExpressionAttributeValues'], token: string): unknown =>
  values !== undefined && token in values ? values[token] : unknown(token);

function unknown(what: string): never {
  throw new Error(`the model of the control table does not support ${what}`);
}

/** Evaluates a disjunction of conjunctions of comparisons, the only form that the adapter sends. */
export function holds(item: Item | undefined, expression: Expression): boolean {
  const { ConditionExpression: condition } = expression;
  if (condition === undefined || condition === '') return true;
  return condition
    .split(' OR ')
    .some((terms) => terms.split(' AND ').every((term) => comparison(item, term.trim(), expression)));
}

function comparison(item: Item | undefined, term: string, expression: Expression): boolean {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = expression;
  const exists = /^attribute_(not_)?exists\((\S+)\)$/.exec(term);
  if (exists) return (item?.[nameIn(names, exists[2]!)] === undefined) === (exists[1] !== undefined);
  const listed = /^(\S+) IN \(([^)]*)\)$/.exec(term);
  if (listed) {
    const value = item?.[nameIn(names, listed[1]!)];
    return listed[2]!.split(', ').some((token) => value !== undefined && value === valueIn(values, token));
  }
  const compared = /^(\S+) (=|<>|<) (\S+)$/.exec(term);
  if (!compared) return unknown(term);
  const left = item?.[nameIn(names, compared[1]!)];
  const right = valueIn(values, compared[3]!);
  if (compared[2] === '<>') return left !== right;
  if (left === undefined) return false;
  return compared[2] === '=' ? left === right : (left as number) < (right as number);
}

export function update(item: Item, expression: Expression): Item {
  const {
    UpdateExpression: text,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  } = expression;
  const clauses = /^(?:SET (.*?))?\s*(?:ADD (.*))?$/.exec(text ?? '');
  if (!clauses) return unknown(String(text));
  const updated: Record<string, unknown> = { ...item };
  for (const set of splitOutside(clauses[1] ?? '')) {
    const [to, from] = set.split(' = ') as [string, string];
    const otherwise = /^if_not_exists\((\S+), (\S+)\)$/.exec(from);
    const name = nameIn(names, to);
    if (!otherwise) updated[name] = valueIn(values, from);
    else updated[name] = item[nameIn(names, otherwise[1]!)] ?? valueIn(values, otherwise[2]!);
  }
  for (const add of splitOutside(clauses[2] ?? '')) {
    const [to, by] = add.split(' ') as [string, string];
    const name = nameIn(names, to);
    updated[name] = Number(item[name] ?? 0) + Number(valueIn(values, by));
  }
  return updated;
}

/** Splits at commas outside parentheses. */
const splitOutside = (text: string): string[] =>
  text === '' ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim());
