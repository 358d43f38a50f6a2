/** The shop's customers and clerks, while their tables move. */
import type { Action, Row, Values, Workload, Writer } from '../../src/rehearsal/workload';

const [CUSTOMERS, ORDERS, ITEMS] = ['public.customers', 'public.orders', 'public.order_items'] as const;
const [PAYMENTS, STOCK, DELIVERIES] = ['public.payments', 'public.stock', 'public.deliveries'] as const;
const PROMOTIONS = 'public.promotions';

const STATUSES = ['placed', 'paid', 'packed', 'shipped', 'returned', 'cancelled'];
/** Texts that are easily corrupted in transit. */
const REMARKS = [
  '',
  ' ',
  'NULL',
  '\\N',
  'C:\\temp\\new',
  'it\'s "quoted"',
  '{"a",NULL}',
  'two\nlines\r\n',
  'Zoë 日本語 🦊',
  null,
];

const newOrder = (writer: Writer, customer: Row): Values => ({
  customer_id: customer.id ?? null,
  status: 'placed',
  placed_at: 'now',
  shipping_address: JSON.stringify({ street: `Street ${writer.random(500)}`, city: 'Ålesund' }),
  comment: writer.oneOf(REMARKS),
});

const newItem = (writer: Writer, order: Row, line: number): Values => ({
  order_id: order.id ?? null,
  line,
  sku: `SKU-${writer.random(20_000)}`,
  quantity: 1 + writer.random(7),
  unit_price: writer.random(1_000_000) / 100,
  gift_message: writer.oneOf(REMARKS),
});

/** An order with its lines, and what it takes from the stock, which all writers change, so it comes last. */
async function placeOrder(writer: Writer): Promise<void> {
  const customer = writer.pick(CUSTOMERS);
  if (customer === undefined) return;
  const order = await writer.insert(ORDERS, newOrder(writer, customer));
  const items = 1 + writer.random(5);
  for (let line = 1; line <= items; line += 1) await writer.insert(ITEMS, newItem(writer, order, line));
  await writer.add(STOCK, writer.hot(STOCK), { reserved: items, on_hand: -items });
}

async function reserve(writer: Writer): Promise<void> {
  await writer.add(STOCK, writer.hot(STOCK), { reserved: 1 });
}

async function changeOrder(writer: Writer): Promise<void> {
  const order = writer.pick(ORDERS);
  if (order === undefined) return;
  await writer.update(ORDERS, order, { status: writer.oneOf(STATUSES), comment: writer.oneOf(REMARKS) });
}

async function register(writer: Writer): Promise<void> {
  const name = writer.unique();
  await writer.insert(CUSTOMERS, {
    ...{ email: `${name}@new.example`, full_name: `Customer ${name}`, status: 'active' },
    preferences: JSON.stringify({ newsletter: writer.random(2) === 0, limit: '1.10' }),
  });
}

async function pay(writer: Writer): Promise<void> {
  const order = writer.pick(ORDERS);
  if (order === undefined) return;
  await writer.insert(PAYMENTS, {
    ...{ order_id: order.id ?? null, method: 'card', currency: 'EUR', paid_at: 'now' },
    ...{ amount: writer.random(100_000) / 100, provider_reference: `live-${writer.unique()}` },
    details: '{ "a" : 1,  "a":2 }',
  });
}

/** A unique value of two rows changes places, over a third value as applications do it. */
async function swapEmails(writer: Writer): Promise<void> {
  const [one, other] = [writer.pick(CUSTOMERS), writer.pick(CUSTOMERS)];
  if (one === undefined || other === undefined || one.id === other.id) return;
  const parked = await writer.update(CUSTOMERS, one, { email: `${writer.unique()}@parked.example` });
  await writer.update(CUSTOMERS, other, { email: one.email ?? null });
  await writer.update(CUSTOMERS, parked, { email: other.email ?? null });
}

/** New keys for old rows: the line of an item, the number of a payment, the code of a promotion. */
async function renumber(writer: Writer): Promise<void> {
  const item = writer.pick(ITEMS);
  if (item !== undefined) {
    const lines = writer.find(ITEMS, { order_id: item.order_id ?? null }).map(({ line }) => Number(line));
    await writer.update(ITEMS, item, { line: Math.max(...lines) + 1 });
  }
  const payment = writer.pick(PAYMENTS);
  if (payment !== undefined && writer.random(2) === 0)
    await writer.update(PAYMENTS, payment, { id: newUuid(writer) });
}

const newUuid = (writer: Writer): string => {
  const digits = Array.from({ length: 32 }, () => writer.random(16).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** Moves the row to another partition more often than not. */
async function postpone(writer: Writer): Promise<void> {
  const delivery = writer.pick(DELIVERIES);
  if (delivery === undefined) return;
  await writer.update(DELIVERIES, delivery, {
    due: `202${1 + writer.random(4)}-0${1 + writer.random(9)}-15`,
  });
}

async function promote(writer: Writer): Promise<void> {
  const known = writer.random(2) === 0 ? writer.pick(PROMOTIONS) : undefined;
  await writer.upsert(PROMOTIONS, {
    code: known?.code ?? `live ${writer.unique()} été`,
    description: writer.oneOf(REMARKS),
    percent_off: writer.random(10_000) / 100,
    valid: '[2024-01-01,infinity)',
  });
}

/** The database deletes the items. */
async function cancel(writer: Writer): Promise<void> {
  const order = writer.pick(ORDERS);
  if (order === undefined) return;
  const of = { order_id: order.id ?? null };
  const [items, payments, deliveries] = [ITEMS, PAYMENTS, DELIVERIES].map((table) => writer.find(table, of));
  for (const payment of payments ?? []) await writer.delete(PAYMENTS, payment);
  for (const delivery of deliveries ?? []) await writer.delete(DELIVERIES, delivery);
  await writer.delete(ORDERS, order, { [ITEMS]: items ?? [] });
}

async function removeItem(writer: Writer): Promise<void> {
  const item = writer.pick(ITEMS);
  if (item !== undefined) await writer.delete(ITEMS, item);
}

/** A batch job: one statement, some hundred rows. */
async function reprice(writer: Writer): Promise<void> {
  const items = writer.pickSome(ITEMS, 300);
  await writer.updateAll(ITEMS, items, {
    unit_price: writer.random(1_000_000) / 100,
    gift_message: writer.unique(),
  });
}

/** Writes early, and commits one to three seconds later. */
async function ponder(writer: Writer): Promise<void> {
  await placeOrder(writer);
  await writer.pause(1_000 + writer.random(2_000));
  await changeOrder(writer);
}

async function changeOnesMind(writer: Writer): Promise<void> {
  await register(writer);
  await changeOrder(writer);
  writer.undo();
}

const often = (weight: number, run: Action['run']): Action => ({ weight, run });

const workload: Workload = {
  own: [
    { table: PROMOTIONS, rows: 60 },
    { table: CUSTOMERS, rows: 600 },
    {
      table: ORDERS,
      rows: 1_200,
      children: [ITEMS, PAYMENTS, DELIVERIES].map((table) => ({ table, on: { order_id: 'id' } })),
    },
  ],
  shared: [{ table: STOCK, rows: 4, counters: ['reserved', 'on_hand'] }],
  actions: {
    placeOrder: often(20, placeOrder),
    reserve: often(20, reserve),
    changeOrder: often(20, changeOrder),
    pay: often(10, pay),
    register: often(5, register),
    swapEmails: often(5, swapEmails),
    renumber: often(8, renumber),
    postpone: often(6, postpone),
    promote: often(4, promote),
    cancel: often(4, cancel),
    removeItem: often(4, removeItem),
    reprice: often(1, reprice),
    changeOnesMind: often(3, changeOnesMind),
    // Rare, and one at a time: a fence needs a gap between long transactions.
    ponder: { weight: 0.3, alone: true, run: ponder },
  },
};
export default workload;
