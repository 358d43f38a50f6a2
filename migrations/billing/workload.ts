/** The billing application, while its tables move to another schema. */
import type { Workload } from '../../src/rehearsal/workload';

const [INVOICES, LINES] = ['billing.invoices', 'billing.lines'] as const;

const workload: Workload = {
  own: [{ table: INVOICES, rows: 300, children: [{ table: LINES, on: { invoice_id: 'id' } }] }],
  actions: {
    pay: {
      weight: 4,
      run: async (writer) => {
        const invoice = writer.pick(INVOICES);
        if (invoice) await writer.update(INVOICES, invoice, { paid: true, total: writer.random(9_000) });
      },
    },
    issue: {
      weight: 3,
      run: async (writer) => {
        const invoice = await writer.insert(INVOICES, {
          customer_id: writer.random(100) + 1,
          total: writer.random(9_000),
        });
        await writer.insert(LINES, {
          invoice_id: invoice.id ?? null,
          text: writer.unique(),
          cents: writer.random(500),
        });
      },
    },
    cancel: {
      weight: 1,
      run: async (writer) => {
        const invoice = writer.pick(INVOICES);
        if (!invoice) return;
        await writer.delete(INVOICES, invoice, {
          [LINES]: writer.find(LINES, { invoice_id: invoice.id ?? null }),
        });
      },
    },
  },
};
export default workload;
