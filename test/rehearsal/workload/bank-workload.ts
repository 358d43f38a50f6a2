import type { Workload, Writer } from '../../../src/rehearsal/workload';

const [ACCOUNTS, ENTRIES, COUNTERS] = ['old.accounts', 'old.entries', 'old.counters'] as const;

const open = async (writer: Writer): Promise<void> => {
  const name = writer.unique();
  const account = await writer.insert(ACCOUNTS, {
    name,
    email: name,
    kind: 'business',
    note: null,
    legacy: 7,
  });
  for (const line of [1, 2])
    await writer.insert(ENTRIES, { account_id: account.id ?? null, line, amount: 1.5 });
  await writer.add(COUNTERS, writer.hot(COUNTERS), { n: 2 });
};

const change = async (writer: Writer): Promise<void> => {
  const account = writer.pick(ACCOUNTS);
  if (account !== undefined)
    await writer.update(ACCOUNTS, account, { note: writer.oneOf(['', null, writer.unique()]), legacy: 9 });
};

const renumber = async (writer: Writer): Promise<void> => {
  const entry = writer.pick(ENTRIES);
  if (entry === undefined) return;
  const moved = await writer.update(ENTRIES, entry, { line: Number(entry.line) + 100 });
  await writer.upsert(ENTRIES, { ...moved, amount: writer.random(100) });
};

const close = async (writer: Writer): Promise<void> => {
  const account = writer.pick(ACCOUNTS);
  if (account === undefined) return;
  const entries = writer.find(ENTRIES, { account_id: account.id ?? null });
  await writer.delete(ACCOUNTS, account, { [ENTRIES]: entries });
};

const workload: Workload = {
  writers: 3,
  pauseMs: 2,
  own: [{ table: ACCOUNTS, rows: 1_000, children: [{ table: ENTRIES, on: { account_id: 'id' } }] }],
  shared: [{ table: COUNTERS, rows: 2, counters: ['n'] }],
  actions: {
    open: { weight: 4, run: open },
    change: { weight: 4, run: change },
    renumber: { weight: 2, run: renumber },
    close: { weight: 2, run: close },
    raiseAll: {
      weight: 1,
      run: (writer) => writer.updateAll(ENTRIES, writer.pickSome(ENTRIES, 50), { amount: 3 }),
    },
    think: {
      weight: 1,
      run: async (writer) => {
        await open(writer);
        await change(writer);
        writer.undo();
      },
    },
  },
};
export default workload;
