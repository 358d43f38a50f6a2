import { unqualifiedMachineArn } from '../../../machine-arns';
import { requireArn } from '../../names';
import { epochSeconds } from '../../timestamps';
import { aliasItem } from '../machine-views';
import { PAGED, type Operation } from '../operation';
import { ascending, paginate } from '../paging';
import { ServiceError } from '../service-error';

/** Lists the aliases of a machine, or those of one of its versions, the oldest first. */
export const listStateMachineAliases: Operation = {
  shape: { stateMachineArn: 'string!', ...PAGED },
  run(request, { engine, clock }) {
    const { machine, versionArn } = engine.machines.resolve(request.string('stateMachineArn'));
    const { stateMachineArn } = machine;
    const aliases = [...machine.aliases].filter(
      ([, { version }]) => versionArn === undefined || versionArn === `${stateMachineArn}:${version}`,
    );
    const listing = `aliases ${versionArn ?? stateMachineArn}`;
    const { items, ...next } = paginate(
      request,
      listing,
      clock.nowMs(),
      aliases,
      ([name, { creationMs }]) => `${ascending(Math.floor(creationMs))} ${name}`,
    );
    return {
      stateMachineAliases: items.map(([name, alias]) => aliasItem(`${stateMachineArn}:${name}`, alias)),
      ...next,
    };
  },
};

export const describeStateMachineAlias: Operation = {
  shape: { stateMachineAliasArn: 'string!' },
  run(request, { engine }) {
    const arn = requireArn(request.string('stateMachineAliasArn'));
    const machineArn = unqualifiedMachineArn(arn);
    const name = arn.slice(machineArn.length + 1);
    const alias = engine.machines.find(machineArn)?.aliases.get(name);
    if (alias === undefined)
      throw new ServiceError('ResourceNotFound', 'Request references a resource that does not exist.');
    return {
      stateMachineAliasArn: arn,
      name,
      description: alias.description,
      routingConfiguration: [{ stateMachineVersionArn: `${machineArn}:${alias.version}`, weight: 100 }],
      creationDate: epochSeconds(alias.creationMs),
      updateDate: epochSeconds(alias.updateMs),
    };
  },
};
