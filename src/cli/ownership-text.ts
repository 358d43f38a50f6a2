import { SIDES, type Side } from '../contract/sides';
import { stageText } from '../contract/lifecycle/stage-text';
import { writesText } from '../contract/writes';
import type { MigrationRecord } from '../core/ledger';
import type { Found } from '../core/ownership/adoption';
import { describeGuard } from '../core/ownership/describe-guard';
import type { FoundSide } from '../core/ownership/ports';

/** Formats what an adoption is decided on. */
export const foundLines = ({ migration, environment, owner, record, sides }: Found): string[] => [
  `migration ${migration}, environment ${environment}, control plane ${owner}`,
  `  ledger  ${record === null ? 'no record' : recordText(record)}`,
  ...SIDES.flatMap((side) => sideLines(side, sides[side])),
];

/** Formats the guards of one side. */
export const sideLines = (side: Side, { guards }: FoundSide): string[] =>
  guards.length === 0
    ? [`  ${side}  no guard`]
    : guards.flatMap((guard) => [
        `  ${side}  ${describeGuard(guard)}`,
        ...(guard.tables.length === 0 ? [] : [`          tables: ${guard.tables.join(', ')}`]),
      ]);

const recordText = ({
  generation,
  epoch,
  status,
  shape,
  stage,
  writes,
  execution,
}: MigrationRecord): string =>
  `${status}, generation ${generation}, epoch ${epoch}, stage ${stageText(shape, stage)}, writes ${writesText(writes)}${execution === null ? '' : `, execution ${execution}`}`;
