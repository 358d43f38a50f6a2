import { JsonPath, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { End } from '../../src/contract/lifecycle';
import type { Compilation, Compiled } from './compilation';

/** Items return nothing: the map would collect all outputs in one state, which is limited to 256 KiB. */
export function compileEnd({ scope, nameOf, itemsOf }: Compilation, step: End): Compiled {
  const end = new Succeed(scope, nameOf(step), itemsOf === null ? {} : { outputPath: JsonPath.DISCARD });
  return { start: end, link: () => undefined };
}
