import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { reachableSides, type Facts } from './facts';

/** Sluice's own tables stay in their database: subscribers that do not have them would stop. */
export const publications = (facts: Facts): Problem[] =>
  [...reachableSides(facts)].flatMap(({ side, server }) =>
    server.publicationsOfAll.map((publication) => ({
      check: 'publications',
      subject: `${side} database ${server.database}`,
      found: `publication ${publication} is FOR ALL TABLES and a replication slot hands it on: Sluice's own tables would go to subscribers that do not have them`,
      remedy: `name the tables: drop ${quoteIdentifier(publication)} and create it FOR TABLE … or FOR TABLES IN SCHEMA …`,
    })),
  );
