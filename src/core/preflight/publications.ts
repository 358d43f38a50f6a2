import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { reachableSides, type Facts } from './facts';

/** Refuses a replicated publication FOR ALL TABLES: subscribers that lack Sluice's own tables would stop. */
export const publications = (facts: Facts): Problem[] =>
  [...reachableSides(facts)].flatMap(({ side, server }) =>
    server.publicationsOfAll.map((publication) => ({
      check: 'publications',
      subject: `${side} database ${server.database}`,
      found: `publication ${publication} is FOR ALL TABLES, and a replication slot serves it: changes of Sluice's own tables would stop subscribers that lack them`,
      remedy: `Name the tables: drop ${quoteIdentifier(publication)} and create it FOR TABLE … or FOR TABLES IN SCHEMA …`,
    })),
  );
