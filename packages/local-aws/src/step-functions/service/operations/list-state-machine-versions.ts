import { versionItem } from '../machine-views';
import { PAGED, type Operation } from '../operation';
import { descending, paginate } from '../paging';

/** Lists the newest versions first. */
export const listStateMachineVersions: Operation = {
  shape: { stateMachineArn: 'string!', ...PAGED },
  run(request, { engine, clock }) {
    const { stateMachineArn, versions } = engine.machines.get(request.string('stateMachineArn'));
    const { items, ...next } = paginate(
      request,
      `versions ${stateMachineArn}`,
      clock.nowMs(),
      [...versions],
      ([number]) => descending(Number(number)),
    );
    return {
      stateMachineVersions: items.map(([number, version]) =>
        versionItem(`${stateMachineArn}:${number}`, version),
      ),
      ...next,
    };
  },
};
